//! The scripts: each operation that must be atomic is one of them.

use std::sync::LazyLock;

use redis::{Cmd, Script as Source};

/// A script and the hash by which the server knows it.
pub(super) struct Script {
    text: &'static str,
    hash: LazyLock<String>,
}

macro_rules! scripts {
    ($($name:ident = $($part:literal),+;)*) => {
        $(
            pub(super) static $name: Script = {
                const TEXT: &str = concat!($(include_str!($part)),+);
                Script { text: TEXT, hash: LazyLock::new(|| Source::new(TEXT).get_hash().to_owned()) }
            };
        )*
    };
}

scripts! {
    CREATE = "scripts/sessions.lua", "scripts/create.lua";
    COMPARE_AND_SET = "scripts/sessions.lua", "scripts/compare_and_set.lua";
    TOUCH = "scripts/sessions.lua", "scripts/touch.lua";
    END = "scripts/sessions.lua", "scripts/end.lua";
    LIST = "scripts/sessions.lua", "scripts/list.lua";
    BURY = "scripts/sessions.lua", "scripts/bury.lua";
    PROBE = "scripts/sessions.lua", "scripts/probe.lua";
    RENEW = "scripts/renew.lua";
    RELEASE = "scripts/release.lua";
    GCRA = "scripts/time.lua", "scripts/gcra.lua";
}

/// A script with what it is called with; `key` says which slot it runs in.
pub(super) struct Call {
    script: &'static Script,
    key: String,
    arguments: Vec<Vec<u8>>,
}

impl Call {
    pub fn new(script: &'static Script, key: String) -> Self {
        Self { script, key, arguments: Vec::with_capacity(16) }
    }

    pub fn arg(mut self, argument: impl Into<Vec<u8>>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub fn number(self, number: u64) -> Self {
        self.arg(number.to_string())
    }

    /// By its hash, which is all that a server needs which has seen it.
    pub fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &self.script.hash)
    }

    pub fn whole(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(1).arg(&self.key).arg(&self.arguments);
        command
    }
}
