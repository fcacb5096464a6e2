//! Passwords typed or piped in, never given as an argument.

use std::io::{self, IsTerminal, Write};

use anyhow::Context as _;

use crate::limits::password;

/// `chat-server hash-password`
pub(crate) fn hash_password() -> anyhow::Result<()> {
    let hash = password::hash(&read_password()?)?;
    writeln!(io::stdout(), "{hash}").context("can't print the hash")
}

/// From the terminal, twice, or from the first line of standard input.
pub(super) fn read_password() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        let password =
            rpassword::prompt_password("Password: ").context("can't read the password")?;
        let again = rpassword::prompt_password("Again: ").context("can't read the password")?;
        anyhow::ensure!(password == again, "the two passwords differ");
        return Ok(password);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("can't read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
