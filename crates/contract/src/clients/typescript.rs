//! The TypeScript client: one ES module on `fetch`, with no dependencies.

use crate::Contract;

pub fn files(contract: &Contract) -> Vec<(String, String)> {
    let text = format!("// Written by `frontdesk gen client ts` from the contract of `{}`.\n", contract.bff);
    vec![("client.ts".to_owned(), text)]
}
