//! Changes of contracts: a corpus of cases as data, the manual of rules, random contracts, and an oracle that knows
//! nothing of rules.

mod bounds;
mod corpus;
mod lives;
mod manual;
mod oracle;
mod random;
mod report;
mod short;
