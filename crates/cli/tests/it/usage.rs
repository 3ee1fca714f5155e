//! The command line itself.

use crate::program::run;

#[test]
fn what_is_not_understood_is_usage() {
    for (arguments, said) in [
        (&["chekc"][..], "check"),
        (&["check", "--jsn"], "--json"),
        (&["serve", "--threads", "many"], "invalid value"),
        (&["serve", "--drain", "soon"], "--drain"),
        (&["explain", "a/b", "--json", "--svg", "-"], "cannot be used with"),
        (&["new"], "<FOLDER>"),
        (&["import", "wsdl", "x"], "wsdl"),
        (&["check", "--color", "maybe"], "auto"),
        (&[], "Usage"),
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {done:?}");
        assert!(done.err.contains(said), "{arguments:?} says `{said}`: {}", done.err);
        assert_eq!(done.out, "", "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in ["new", "dev", "check", "explain", "serve", "import", "keys"] {
        assert!(help.out.contains(command), "{}", help.out);
    }
    let version = run(&["--version"]);
    assert_eq!((version.code, version.out.trim()), (0, concat!("frontdesk ", env!("CARGO_PKG_VERSION"))));
}
