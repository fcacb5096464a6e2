//! IRC over WebSocket: the same sessions as over TCP. IRCv3, "WebSocket support".

use chat_tests::http::exchange;
use chat_tests::web_client::{WebClient, frame, handshake};
use chat_tests::{Client, Server};
use tungstenite::protocol::Message;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

const TEXT: OpCode = OpCode::Data(Data::Text);

#[test]
fn both_subprotocols_carry_the_same_chat() {
    let server = Server::start("[history]\nenabled = false\n");
    let mut alice = Client::registered(&server, "alice");
    alice.says("JOIN #聊天室");
    alice.awaits("366 …");
    for (nickname, offered, chosen) in [
        ("text", "text.ircv3.net", Some("text.ircv3.net")),
        ("binary", "binary.ircv3.net", Some("binary.ircv3.net")),
        ("both", "binary.ircv3.net, text.ircv3.net", Some("binary.ircv3.net")),
        ("old", "", None),
        ("other", "x.example", None),
    ] {
        let mut web = WebClient::open(&server, offered, "");
        assert_eq!(web.subprotocol.as_deref(), chosen);
        web.registers(nickname);
        web.says("JOIN #聊天室");
        web.awaits("366 …");
        web.says("PRIVMSG #聊天室 :你好，世界 🎈");
        alice.awaits(&format!(":{nickname}!* PRIVMSG #聊天室 :你好，世界 🎈"));
        alice.says("PRIVMSG #聊天室 :小明");
        alice.says("PRIVMSG #聊天室 :again");
        web.gets(":alice!* PRIVMSG #聊天室 :小明");
        web.gets(":alice!* PRIVMSG #聊天室 :again");
        web.says("QUIT");
        let (code, last) = web.reads_to_close();
        assert_eq!(code, 1000);
        assert!(last.is_some_and(|line| line.as_str().starts_with("ERROR :")));
        alice.awaits(&format!(":{nickname}!* QUIT …"));
    }
}

#[test]
fn messages_may_come_in_fragments_with_pings_between() {
    let server = Server::start("");
    let mut web = WebClient::registered(&server, "web");
    let text = "PING 小明!";
    let (one, rest) = text.as_bytes().split_at(6);
    let (two, three) = rest.split_at(3);
    web.sends(&frame(TEXT, one, false));
    web.sends(&frame(OpCode::Control(Control::Ping), b"are you there", true));
    assert_eq!(web.message(), Message::Pong("are you there".into()));
    web.sends(&frame(OpCode::Data(Data::Continue), two, false));
    web.sends(&frame(OpCode::Control(Control::Pong), b"unasked", true));
    web.sends(&frame(OpCode::Data(Data::Continue), three, true));
    web.gets("PONG chat.example 小明!");
    // Byte by byte it is the same, and so it is with a line ending.
    for byte in frame(TEXT, b"PING slow\r\n", true) {
        web.sends(&[byte]);
    }
    web.gets("PONG chat.example slow");
}

#[test]
fn what_follows_the_handshake_at_once_is_not_lost() {
    let server = Server::start("");
    let lines = ["NICK quick", "USER quick 0 * :Quick", "PING done"];
    let frames: Vec<u8> = lines.iter().flat_map(|it| frame(TEXT, it.as_bytes(), true)).collect();
    let mut web = WebClient::open_saying(&server, "text.ircv3.net", "", &frames);
    web.awaits("001 quick :*");
    web.awaits("PONG chat.example done");
    // The frames of many lines in one piece are as many lines.
    let frames: Vec<u8> = (0..100)
        .flat_map(|number| frame(TEXT, format!("PING {number}").as_bytes(), true))
        .collect();
    web.sends(&frames);
    (0..100).for_each(|number| web.gets(&format!("PONG chat.example {number}")));
}

#[test]
fn a_client_that_closes_gets_its_answer() {
    let server = Server::start("");
    let mut alice = Client::registered(&server, "alice");
    let mut web = WebClient::registered(&server, "web");
    alice.says("JOIN #room");
    alice.awaits("366 …");
    web.says("JOIN #room");
    web.awaits("366 …");
    web.sends(&frame(OpCode::Control(Control::Close), b"\x03\xe9going away", true));
    assert_eq!(web.reads_to_close(), (1001, None));
    alice.awaits(":web!* QUIT :Connection closed");
}

#[test]
fn what_others_send_comes_in_order_however_slowly_it_is_read() {
    let server =
        Server::start("[history]\nenabled = false\n[limits]\nsend_queue_bytes_max = 8388608\n");
    let mut alice = Client::registered(&server, "alice");
    let mut web = WebClient::registered(&server, "web");
    let buffer = rustix::net::sockopt::set_socket_recv_buffer_size(web.stream(), 32 * 1024);
    buffer.expect("a buffer can be small");
    // What the kernel does not take of it waits in the server, at the end in the middle of a frame.
    for number in 0..20_000 {
        alice.says(&format!("PRIVMSG web :{number} {}", "小".repeat(number % 120)));
    }
    for number in 0..20_000 {
        web.gets(&format!(":alice!* PRIVMSG web :{number} {}", "小".repeat(number % 120)));
        if number % 5000 == 0 {
            web.sends(&frame(OpCode::Control(Control::Ping), b"?", true));
        }
    }
    web.is_served();
    assert_eq!(web.pongs, 4);
    alice.is_served();
}

#[test]
fn pages_of_other_sites_are_refused() {
    let server =
        Server::start("[http]\norigins = [\"https://kiwi.example\", \"https://*.web.example\"]\n");
    let own = format!("http://{}", server.address());
    let origin = |origin: &str| format!("Origin: {origin}\r\n");
    for allowed in ["https://kiwi.example", "https://a.web.example", &own] {
        let mut web = WebClient::open(&server, "text.ircv3.net", &origin(allowed));
        web.registers("page");
        web.says("QUIT");
        web.reads_to_close();
    }
    for refused in ["https://evil.example", "http://kiwi.example", "null", "", "http://127.0.0.1:1"]
    {
        let answer = exchange(&server, handshake(&server, &origin(refused)).as_bytes());
        assert_eq!(answer.status, 403, "{refused}");
    }
    let two = origin(&own) + &origin("https://evil.example");
    assert_eq!(exchange(&server, handshake(&server, &two).as_bytes()).status, 403);
}

#[test]
fn the_root_is_a_websocket_too() {
    let server = Server::start("");
    let request = handshake(&server, "").replace("GET /ws ", "GET /?x ");
    let mut stream = chat_tests::http::send(&server, request.as_bytes());
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut answer).expect("the server answers");
    assert_eq!(&answer, b"HTTP/1.1 101");
}
