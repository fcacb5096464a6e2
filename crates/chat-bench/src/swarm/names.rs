//! Nicknames and rooms that two runs at one server do not share.

/// The shortest limit on nicknames in use is 9 (RFC 2812, 1.2.1); these have 7.
const INDEX_DIGITS: usize = 4;
const RUN_DIGITS: usize = 2;
const RADIX: u32 = 36;

pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn of_this_run() -> Self {
        Self { prefix: format!("b{}", digits(std::process::id(), RUN_DIGITS)) }
    }

    pub(crate) fn nickname(&self, index: usize) -> String {
        let index = u32::try_from(index).expect("there are not that many connections");
        format!("{}{}", self.prefix, digits(index, INDEX_DIGITS))
    }

    pub(crate) fn room(&self, index: usize) -> String {
        format!("#{}-{index}", self.prefix)
    }

    /// Which connection has this nickname, if one of this run's.
    pub(crate) fn index(&self, nickname: &str) -> Option<usize> {
        let index = nickname.strip_prefix(&self.prefix)?;
        usize::from_str_radix(index, RADIX).ok().filter(|_| index.len() == INDEX_DIGITS)
    }
}

/// The last digits of a number.
fn digits(mut number: u32, count: usize) -> String {
    let mut digits = vec!['0'; count];
    for digit in digits.iter_mut().rev() {
        *digit = char::from_digit(number % RADIX, RADIX).expect("it is below the radix");
        number /= RADIX;
    }
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_lead_back_to_their_index() {
        let names = Names { prefix: "bzz".to_owned() };
        assert_eq!(names.nickname(37), "bzz0011");
        assert_eq!(names.index("bzz0011"), Some(37));
        assert_eq!(names.index("bzz11"), None);
        assert_eq!(names.index("alice"), None);
    }

    #[test]
    fn a_run_has_two_digits_of_its_process() {
        assert_eq!(digits(35, 2), "0z");
        assert_eq!(digits(36 * 36 + 1, 2), "01");
    }
}
