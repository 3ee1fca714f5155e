//! What an editor is told of the services: `testdata/base` as TypeScript. `oracle` has `tsc` read it.

use frontdesk_lang::declarations::{TSCONFIG, declarations};

use crate::case::{Compiled, files_of, harbor, testdata};
use crate::workspace::expect;

#[test]
fn services_are_written_as_typescript() {
    let compiled = Compiled::new(&files_of(&testdata().join("base")));
    let files = declarations(&compiled.model.catalog, &compiled.model.bffs);
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [".frontdesk/types/frontdesk.d.ts", ".frontdesk/types/services.d.ts", ".frontdesk/types/bffs.d.ts"]
    );
    let difference = expect(&testdata().join("declarations/services.d.ts"), &files[1].1);
    assert_eq!(difference, None, "run with UPDATE=1 to accept");
}

/// `bffs.d.ts` of a workspace in which BFFs declare different claims, of one in which nobody is known, and of one with
/// dated versions.
#[test]
fn what_is_known_of_bffs_is_written_as_typescript() {
    let cases =
        [("auth-full", "bffs.d.ts"), ("view-simple", "bffs-without-auth.d.ts"), ("dated", "bffs-dated.d.ts")];
    for (case, file) in cases {
        let compiled = Compiled::new(&files_of(&testdata().join("workspace").join(case)));
        let files = declarations(&compiled.model.catalog, &compiled.model.bffs);
        let difference = expect(&testdata().join("declarations").join(file), &files[2].1);
        assert_eq!(difference, None, "run with UPDATE=1 to accept");
    }
}

#[test]
fn harbor_has_the_tsconfig_that_new_workspaces_get() {
    let own = std::fs::read_to_string(harbor().join("tsconfig.json")).unwrap();
    assert_eq!(own, TSCONFIG);
}
