//! How much of the screen an entered line takes.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The rows from the start of the prompt to the cursor after the line was entered.
///
/// `None` where terminals disagree, as about emoji made of several: erasing a row too many would
/// take a line of somebody else.
pub(super) fn rows(prompt: &str, line: &str, columns: usize) -> Option<usize> {
    let text = format!("{prompt}{line}");
    let widths = || text.chars().map(UnicodeWidthChar::width);
    if columns < 2 || text.contains('\t') || widths().any(|width| width.is_none()) {
        return None;
    }
    if widths().flatten().sum::<usize>() != text.width() {
        return None;
    }
    let (mut rows, mut column) = (1, 0);
    for width in widths().flatten() {
        column += width;
        if column > columns {
            rows += 1;
            column = width;
        }
    }
    // The editor goes on to the next row when one is full.
    Some(if column == columns { rows + 1 } else { rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_the_terminal_does() {
        assert_eq!(rows("> ", "hello", 80), Some(1));
        assert_eq!(rows("> ", "12345678", 10), Some(2));
        assert_eq!(rows("> ", "123456789", 10), Some(2));
        assert_eq!(rows("> ", "小小小小小", 11), Some(2));
        assert_eq!(rows("> ", "小小小小小", 12), Some(2));
        assert_eq!(rows("> ", "小小小小小", 13), Some(1));
    }

    #[test]
    fn where_terminals_disagree_nothing_is_erased() {
        assert_eq!(rows("> ", "👩\u{200d}🚀", 80), None);
        assert_eq!(rows("> ", "a\nb", 80), None);
        assert_eq!(rows("> ", "a", 0), None);
    }
}
