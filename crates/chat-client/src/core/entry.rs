//! What there is to show, before it is text.

use jiff::Timestamp;

/// One line of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When it happened: the server's time where the server says it.
    pub(crate) time: Timestamp,
    /// The room it belongs to, if it belongs to one.
    pub(crate) room: Option<String>,
    /// Whether that is the room the user is in.
    pub(crate) current: bool,
    /// What happened.
    pub(crate) what: What,
}

/// What an [`Entry`] tells. Names and texts are as they came: they are made safe when shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Somebody spoke.
    Said(Speech),
    /// Somebody spoke once, and a search has found it.
    Found(Speech),
    /// What follows is from another time than what came before.
    Marker(String),
    /// Somebody came, went or changed something.
    Happened(String),
    /// The server, or the client itself, answers or informs.
    Told(String),
    /// Something was refused or went wrong.
    Problem(String),
}

/// Words of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Speech {
    /// Who spoke.
    pub(crate) nickname: String,
    /// To whom, if it is not for a room.
    pub(crate) private: Option<Private>,
    /// In which form.
    pub(crate) form: Form,
    /// The words.
    pub(crate) text: String,
    /// Whether somebody else says the user's nickname.
    pub(crate) mention: bool,
}

/// Whom a private message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Private {
    /// For the user.
    ToUser,
    /// From the user, for this nickname.
    ToOther(String),
}

/// How something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `PRIVMSG`
    Message,
    /// `NOTICE`
    Notice,
    /// `PRIVMSG` with `ACTION`
    Action,
}
