//! GET /: what this is and how to connect, for people. It is a WebSocket as well, as other servers
//! have it.

use std::fmt::{self, Display, Write};

use chat_http::{Response, Status, websocket};

use super::{Answer, Visit};

pub(super) fn page(visit: &Visit<'_>) -> Answer {
    if websocket::is_upgrade(&visit.request) {
        return super::websocket::websocket(visit);
    }
    let config = visit.server.config();
    let network = Escaped(&config.server.network);
    let name = visit.server.name();
    // What it was reached by, which is checked: by that it can be reached again.
    let host = visit.request.host.as_ref();
    let address = host.map_or_else(|| name.to_owned(), ToString::to_string);
    let body = format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{network}</title>\n\
         <h1>{network}</h1>\n\
         <p>This is {name}, a chat server. It speaks IRC with the IRCv3 extensions, here, where you \
         have reached this page:\n\
         <ul>\n\
         <li>In a terminal: <code>chat-client {address}</code>\n\
         <li>With any IRC client: the server <code>{address}</code>\n\
         <li>With a client on the web: WebSocket, at the path <code>/ws</code>\n\
         </ul>\n\
         </html>\n"
    );
    Answer::Response(Response::new(Status::OK).with_body("text/html; charset=utf-8", body))
}

/// Text that is nothing but text in HTML.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        assert_eq!(Escaped("<b>&'\"聊").to_string(), "&lt;b&gt;&amp;&#39;&quot;聊");
    }
}
