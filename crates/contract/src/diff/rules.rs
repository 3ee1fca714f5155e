//! Every rule by which changes are judged: its name, its class in each direction, and why.
//!
//! One table. The page for client teams (`docs/diff.md`) is made from it.

use super::Class::{self, *};
use super::Direction::{self, *};

/// How one kind of change is judged.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// In kebab-case; stable, since scripts and reviewers refer to it.
    pub id: &'static str,
    /// Which directions it knows, and how bad it is in each.
    pub classes: &'static [(Direction, Class)],
    /// What happened.
    pub what: &'static str,
    /// What it means to a client.
    pub why: &'static str,
    /// What to do in its place; empty if there is nothing to do.
    pub instead: &'static str,
}

impl Rule {
    /// How bad it is in a direction. One that the rule does not know is judged as its worst.
    pub fn class(&self, direction: Direction) -> Class {
        let named = self.classes.iter().find(|(known, _)| *known == direction);
        let worst = || self.classes.iter().map(|(_, class)| *class).min();
        named.map(|(_, class)| *class).or_else(worst).unwrap_or(Breaking)
    }
}

/// The rule of this name.
pub fn find(id: &str) -> Option<&'static Rule> {
    AREAS.iter().flat_map(|(_, rules)| *rules).copied().find(|rule| rule.id == id)
}

macro_rules! rules {
    ($($area:literal { $($name:ident $id:literal [$($direction:ident $class:ident),+]
        $what:literal $why:literal $instead:literal)+ })+) => {
        $($(
            #[doc = $what]
            pub static $name: Rule = Rule {
                id: $id,
                classes: &[$(($direction, $class)),+],
                what: $what,
                why: $why,
                instead: $instead,
            };
        )+)+

        /// Every rule, by what it is about, in the order of the manual.
        pub static AREAS: &[(&str, &[&Rule])] = &[$(($area, &[$(&$name),+])),+];
    };
}

rules! {
"Operations" {
    OPERATION_ADDED "operation-added" [Both Compatible]
        "An operation is new."
        "No client asks for it yet."
        ""
    OPERATION_REMOVED "operation-removed" [Both Breaking]
        "An operation is gone."
        "Clients that ask for it get a 404."
        "Keep it, say `deprecated: { since, sunset, use }` and remove it after the sunset."
    OPERATION_REMOVED_AS_ANNOUNCED "operation-removed-as-announced" [Both Risky]
        "An operation that was deprecated with a sunset is gone."
        "It was announced, so it is compatible from the day of the sunset on and breaking before it; risky means that nobody said what day it is."
        "Look at who still asks for it (`GET /-/deprecated` of the admin listener) before it ships."
    OPERATION_MOVED "operation-moved" [Both Breaking]
        "An operation is at another path, or has another method."
        "Clients that ask in the old place get a 404 or 405."
        "Keep the old route beside the new one, `deprecated` with `use` naming the new one."
    OPERATION_GONE "operation-gone" [Both Breaking]
        "An operation is retired at once: its sunset is enforced and has passed."
        "Clients get 410 from the moment this ships, without having been told before."
        "Announce a sunset that lies ahead."
    OPERATION_ID_CHANGED "operation-id-changed" [Meta Risky]
        "An operation has another name (`operationId`)."
        "Nothing changes on the wire, but generated clients have a method of another name."
        "Name the file of the endpoint as it was."
}
"Inputs" {
    INPUT_ADDED_OPTIONAL "input-added-optional" [Request Compatible]
        "An operation takes a new input that may be left out."
        "Clients that do not know it leave it out."
        ""
    INPUT_ADDED_REQUIRED "input-added-required" [Request Breaking]
        "An operation takes a new input that may not be left out."
        "Clients that do not know it get a 400."
        "Make it optional, or give it a default."
    INPUT_REMOVED "input-removed" [Request Breaking]
        "An operation no longer takes an input."
        "In a body the key is refused as unknown (400); in a query or a header it is passed over, and the answer is not what the client asked for."
        "Go on taking it, and ignore it in the view."
    INPUT_RENAMED "input-renamed" [Request Breaking]
        "An input seems to have another name: one is gone, one of equal schema is new."
        "Clients send the old name, which is refused or passed over."
        "Take both names, the new one first: `input.newName ?? input.oldName`."
    INPUT_BECAME_REQUIRED "input-became-required" [Request Breaking]
        "An input may no longer be left out."
        "Clients that leave it out get a 400."
        "Keep it optional, or give it a default."
    INPUT_BECAME_OPTIONAL "input-became-optional" [Request Compatible]
        "An input may be left out."
        "Clients that send it go on sending it."
        ""
    INPUT_MOVED "input-moved" [Request Breaking]
        "An input is expected in another place: path, query, header or body."
        "Clients send it where nobody looks."
        "Take it in both places for as long as old clients are supported."
    INPUT_WIRE_NAME_CHANGED "input-wire-name-changed" [Request Breaking]
        "An input keeps its name in code and has another one on the wire."
        "Clients in the field send the old name."
        "Keep the name on the wire; the name in code is free."
    INPUT_NAME_CHANGED "input-name-changed" [Meta Risky]
        "An input has another name in code and the same place on the wire."
        "Nothing changes on the wire, but an argument of generated clients has another name."
        "Keep the name."
    DEFAULT_ADDED "default-added" [Request Risky, Response Compatible]
        "An input that is left out has a value now."
        "Clients that leave it out are treated as if they had sent it."
        "Make sure that the default does what leaving it out did."
    DEFAULT_CHANGED "default-changed" [Request Risky, Response Compatible]
        "The value that stands in for a missing input is another."
        "Clients that leave it out get another answer, without an error."
        "Keep the default for old clients, or let new ones send the new value."
    DEFAULT_REMOVED "default-removed" [Request Risky, Response Compatible]
        "Nothing stands in for a missing input any longer."
        "Clients that leave it out get another answer, without an error."
        "Keep the default."
    KEY_TAKEN "idempotency-key-taken" [Request Compatible]
        "An operation knows requests that are sent again by their `Idempotency-Key`."
        "With a key it is done once; clients that send none go on as before."
        ""
    KEY_REQUIRED "idempotency-key-required" [Request Breaking]
        "An operation is not carried out without an `Idempotency-Key` any longer."
        "Clients that send none get a 400."
        "Make it `optional`: those that send a key are protected, the others go on as before."
    KEY_NOT_REQUIRED "idempotency-key-not-required" [Request Compatible]
        "An operation is carried out without an `Idempotency-Key` too."
        "Clients that send one go on sending it."
        ""
    KEY_IGNORED "idempotency-key-ignored" [Request Risky]
        "An `Idempotency-Key` means nothing to an operation any longer."
        "Clients send a request again when its answer was lost; then it is carried out again."
        "Keep `idempotency`."
}
"Fields of answers" {
    FIELD_ADDED "field-added" [Response Compatible]
        "An answer has a new field."
        "Clients pass over what they do not know."
        ""
    FIELD_REMOVED "field-removed" [Response Breaking]
        "A field is no longer in the answer."
        "Clients that read it find nothing; decoders that require it fail on the whole answer."
        "Mark it `deprecated({ since, sunset }, …)`, or give it `until(\"<next version>\", …)`, and remove it when no supported version reads it. With dated versions: add a date, and give the field back in the file of the one before."
    FIELD_REMOVED_AS_ANNOUNCED "field-removed-as-announced" [Response Risky]
        "A field that was deprecated with a sunset is no longer in the answer."
        "It was announced, so it is compatible from the day of the sunset on and breaking before it; risky means that nobody said what day it is."
        "Look at who still asks for it (`GET /-/deprecated` of the admin listener) before it ships."
    FIELD_RENAMED "field-renamed" [Response Breaking]
        "A field seems to have another name: one is gone, one of equal schema is new."
        "Clients look for the old name and find nothing."
        "Send both, the old one `deprecated` with `use` naming the new one, or with `until`. With dated versions: add a date, and give the old name back in the file of the one before."
    FIELD_BECAME_OPTIONAL "field-became-optional" [Response Breaking]
        "A field that was always there may be missing."
        "Clients that read it without looking, and decoders that require it, fail."
        "Send a value that says the same (`null` is no such value)."
    FIELD_BECAME_REQUIRED "field-became-required" [Response Compatible]
        "A field that could be missing is always there."
        "Clients that look first find it."
        ""
    FIELD_SINCE_RAISED "field-since-raised" [Response Breaking]
        "A field is sent only to later versions of the client than before (`since`)."
        "Versions in between had it and have it no longer."
        "Keep the version that it was first sent to."
    FIELD_SINCE_LOWERED "field-since-lowered" [Response Compatible]
        "A field is sent to earlier versions of the client too (`since`)."
        "Versions that did not know it pass over it."
        ""
    FIELD_UNTIL_LOWERED "field-until-lowered" [Response Breaking]
        "A field ends with an earlier version of the client than before (`until`)."
        "Versions in between had it and have it no longer."
        "Choose a version that is not out yet."
    FIELD_UNTIL_RAISED "field-until-raised" [Response Compatible]
        "A field is sent to later versions of the client too (`until`)."
        "Versions that did not get it pass over it."
        ""
    FIELD_MAY_DEGRADE "field-may-degrade" [Response Risky]
        "A field may be missing, null or a stand-in when a call to a service fails."
        "The schema allowed it before; it happens from now on."
        "Make sure that clients show something sensible without it."
    FIELD_DEGRADES_OTHERWISE "field-degrades-otherwise" [Response Compatible]
        "Other calls than before decide whether a field is whole, or none does."
        "Clients see the same partial answers, or fewer."
        ""
}
"Types" {
    TYPE_CHANGED "type-changed" [Request Breaking, Response Breaking]
        "A value is of another type."
        "What clients send is refused, or what they get cannot be decoded."
        "Add a field of the new type beside the old one."
    INTEGER_BECAME_NUMBER "integer-became-number" [Request Compatible, Response Breaking]
        "A whole number may have a fraction."
        "Clients that decode an integer fail on `1.5`."
        "Round in the view, or add a field."
    NUMBER_BECAME_INTEGER "number-became-integer" [Request Breaking, Response Compatible]
        "A number is always whole."
        "Clients that send `1.5` get a 400."
        "Go on taking fractions."
    FORMAT_ADDED "format-added" [Request Breaking, Response Compatible]
        "A string has a format now."
        "What clients send may not be of that format."
        "Take any string and check it in the service."
    FORMAT_CHANGED "format-changed" [Request Breaking, Response Breaking]
        "A string has another format."
        "Clients write or read the old one: a day is not a moment."
        "Add a field of the new format beside the old one."
    FORMAT_REMOVED "format-removed" [Request Compatible, Response Breaking]
        "A string need not be of a format any longer."
        "Clients parse it as what it was."
        "Keep the format, or add a field."
    BECAME_NULLABLE "became-nullable" [Request Compatible, Response Breaking]
        "A value may be null."
        "Clients that read it without looking, and decoders that do not allow null, fail."
        "Send a value that says the same, or mark the field `since` for clients that know."
    BECAME_NON_NULL "became-non-null" [Request Breaking, Response Compatible]
        "A value may no longer be null."
        "Clients that send null get a 400."
        "Go on taking null."
    ENUM_VALUE_ADDED "enum-value-added" [Request Compatible, Response Risky]
        "A value may be one more of a list."
        "Clients whose union is closed fail on a value that they do not know; those with a default case do not."
        "Make sure that clients have a default case, or send the new value `since` a version."
    ENUM_VALUE_REMOVED "enum-value-removed" [Request Breaking, Response Compatible]
        "A value may be one fewer of a list."
        "Clients that send it get a 400."
        "Go on taking it, and treat it as what took its place."
    ENUM_BECAME_OPEN "enum-became-open" [Request Compatible, Response Risky]
        "A value was one of a list and may be any."
        "As with every value added: clients whose union is closed fail on one that they do not know."
        "Keep the list, or make sure that clients have a default case."
    BECAME_ENUM "became-enum" [Request Breaking, Response Compatible]
        "A value could be any and is one of a list."
        "Clients that send another get a 400."
        "Go on taking any value, and treat unknown ones in the view."
    ARRAY_BECAME_SINGLE "array-became-single" [Request Breaking, Response Breaking]
        "A list is a single value now."
        "Clients send or expect a list."
        "Keep the list with one item, or add a field."
    SINGLE_BECAME_ARRAY "single-became-array" [Request Breaking, Response Breaking]
        "A single value is a list now."
        "Clients send or expect one value."
        "Add a field for the list, and send its first item in the old one."
    TUPLE_LENGTH_CHANGED "tuple-length-changed" [Request Breaking, Response Breaking]
        "A list of fixed length has another length."
        "Clients send or expect the old number of items."
        "Add a field."
    TUPLE_BECAME_ARRAY "tuple-became-array" [Request Compatible, Response Breaking]
        "A list of fixed length may have any."
        "Clients that read a position may find nothing there."
        "Keep the length."
    ARRAY_BECAME_TUPLE "array-became-tuple" [Request Breaking, Response Compatible]
        "A list has a fixed length now."
        "Clients that send more or fewer items get a 400."
        "Go on taking any number."
    TYPE_OPENED "type-opened" [Request Compatible, Response Breaking]
        "A value may be anything."
        "Clients cannot decode what they know nothing of."
        "Say what it may be."
    TYPE_CLOSED "type-closed" [Request Breaking, Response Compatible]
        "A value that could be anything is of a type now."
        "Clients that send another get a 400."
        "Go on taking anything."
    VARIANT_ADDED "variant-added" [Request Compatible, Response Breaking]
        "A value may be of one more type (`anyOf`)."
        "Clients cannot decode it unless they have a case for what they do not know."
        "Send the new variant `since` a version that knows it."
    VARIANT_REMOVED "variant-removed" [Request Breaking, Response Compatible]
        "A value may be of one type fewer (`anyOf`)."
        "Clients that send it get a 400."
        "Go on taking it."
    MORE_KEYS_ADDED "more-keys-added" [Request Compatible, Response Compatible]
        "An object may have keys beyond the named ones (`additionalProperties`)."
        "Clients pass over those that they do not know."
        ""
    MORE_KEYS_REMOVED "more-keys-removed" [Request Breaking, Response Breaking]
        "An object has no keys beyond the named ones any longer (`additionalProperties`)."
        "What clients send is refused, what they look up is gone."
        "Keep them."
}
"Limits" {
    MINIMUM_TIGHTENED "minimum-tightened" [Request Breaking, Response Compatible]
        "The smallest number is greater, or there is one now."
        "Clients that send less get a 400."
        "Keep the limit."
    MINIMUM_LOOSENED "minimum-loosened" [Request Compatible, Response Risky]
        "The smallest number is less, or there is none any longer."
        "Clients may count on it, as an unsigned number does."
        "Keep the limit."
    MAXIMUM_TIGHTENED "maximum-tightened" [Request Breaking, Response Compatible]
        "The greatest number is less, or there is one now."
        "Clients that send more get a 400."
        "Keep the limit."
    MAXIMUM_LOOSENED "maximum-loosened" [Request Compatible, Response Risky]
        "The greatest number is greater, or there is none any longer."
        "Clients may count on it, as a 32-bit number does."
        "Keep the limit."
    LENGTH_TIGHTENED "length-tightened" [Request Breaking, Response Compatible]
        "Strings of fewer lengths are allowed."
        "Clients that send shorter or longer ones get a 400."
        "Keep the limit."
    LENGTH_LOOSENED "length-loosened" [Request Compatible, Response Risky]
        "Strings of more lengths are allowed."
        "Clients may count on it, as a column of a table or a line of a screen does."
        "Keep the limit, or cut in the view."
    ITEMS_TIGHTENED "items-tightened" [Request Breaking, Response Compatible]
        "Lists of fewer lengths are allowed."
        "Clients that send fewer or more items get a 400."
        "Keep the limit."
    ITEMS_LOOSENED "items-loosened" [Request Compatible, Response Risky]
        "Lists of more lengths are allowed."
        "Clients may count on it: on a first item, or on all of them fitting."
        "Keep the limit, or cut in the view."
    PATTERN_ADDED "pattern-added" [Request Breaking, Response Compatible]
        "A string must match a pattern now."
        "Clients that send another get a 400."
        "Take any string."
    PATTERN_CHANGED "pattern-changed" [Request Breaking, Response Risky]
        "A string must match another pattern."
        "Which strings no longer match cannot be told from two patterns."
        "Keep the pattern."
    PATTERN_REMOVED "pattern-removed" [Request Compatible, Response Risky]
        "A string need not match a pattern any longer."
        "Clients may take it apart by the pattern."
        "Keep the pattern."
}
"Problems" {
    CACHING_CHANGED "caching-changed" [Response Compatible]
        "Who may keep an answer has changed."
        "How old an answer may be is for its headers to say; what is in it stays."
        ""
    PROBLEM_ADDED "problem-added" [Response Risky]
        "An operation may answer one more problem code."
        "Clients whose union of codes is closed fail on it; others show what they show for anything unknown."
        "Make sure that clients have a default case for codes."
    PROBLEM_REMOVED "problem-removed" [Response Compatible]
        "An operation no longer answers a problem code."
        "Clients have a case that never comes."
        ""
    PROBLEM_STATUS_CHANGED "problem-status-changed" [Response Breaking]
        "A problem code comes with another status."
        "Clients that look at the status, and proxies and retries on the way, treat it otherwise."
        "Keep the status in `errors` of bff.ts, or give the new case a code of its own."
    PROBLEM_TITLE_CHANGED "problem-title-changed" [Meta Compatible]
        "The title of a problem is another."
        "Titles are for people; clients tell problems apart by their code."
        ""
    PARTIAL_ANSWER_ADDED "partial-answer-added" [Response Risky]
        "An answer may come without what a call would have given (`Frontdesk-Degraded`)."
        "The schema allowed it before; it happens from now on."
        "Make sure that clients show something sensible."
    PARTIAL_ANSWER_REMOVED "partial-answer-removed" [Response Compatible]
        "An answer no longer comes without what a call gives."
        "Clients have a case that never comes."
        ""
}
"Security" {
    SECURITY_DEMANDED "security-demanded" [Both Breaking]
        "An operation that anybody could ask needs credentials."
        "Clients that send none get a 401."
        "Add an operation that needs them, and leave this one as it is."
    SECURITY_DROPPED "security-dropped" [Both Risky]
        "An operation that needed credentials answers anybody."
        "No client fails, but what it answers is public from now on."
        "Make sure that it is meant."
    SECURITY_WAY_ADDED "security-way-added" [Both Compatible]
        "There is one more way to prove who one is."
        "Clients go on with the way they know."
        ""
    SECURITY_WAY_REMOVED "security-way-removed" [Both Breaking]
        "A way to prove who one is no longer does."
        "Clients that use it get a 401."
        "Keep it until no supported version uses it."
    SECURITY_WAY_CHANGED "security-way-changed" [Both Breaking]
        "Credentials go into another header or cookie, or are of another kind."
        "Clients send them where nobody looks, and get a 401."
        "Keep the old way beside the new one."
    SECURITY_WAY_RENAMED "security-way-renamed" [Meta Compatible]
        "A way to prove who one is has another name in the document, or a new one is described."
        "Nothing changes on the wire."
        ""
    SCOPE_ADDED "scope-added" [Both Breaking]
        "An operation needs a scope that it did not need."
        "Clients whose tokens were issued without it get a 403."
        "Issue tokens with the scope first, and demand it when all have it."
    SCOPE_REMOVED "scope-removed" [Both Compatible]
        "An operation no longer needs a scope."
        "Clients have more than they need."
        ""
}
"Retirement" {
    DEPRECATED "deprecated" [Meta Compatible]
        "Something is marked as deprecated."
        "It works as before; clients learn that it will not for ever."
        ""
    DEPRECATION_WITHDRAWN "deprecation-withdrawn" [Meta Compatible]
        "Something is no longer marked as deprecated."
        "It stays."
        ""
    DEPRECATION_REWORDED "deprecation-reworded" [Meta Compatible]
        "Since when, why, or in favour of what something is deprecated has changed."
        "The announcement is another, not the day."
        ""
    SUNSET_ADDED "sunset-added" [Meta Risky]
        "What was deprecated without a day has a sunset now."
        "Clients that took their time have a day to keep."
        "Give them time: months for an app in a store."
    SUNSET_EARLIER "sunset-earlier" [Meta Risky]
        "A sunset is earlier than was announced; breaking if it is enforced."
        "Clients have planned for the later day."
        "Keep the day that was announced."
    SUNSET_LATER "sunset-later" [Meta Compatible]
        "A sunset is later than was announced, or there is none any longer."
        "Clients have more time."
        ""
    SUNSET_ENFORCED "sunset-enforced" [Meta Risky]
        "From its sunset on, an operation will answer 410."
        "Before, it would have gone on answering."
        "Look at who still asks for it (`GET /-/deprecated` of the admin listener)."
    SUNSET_NOT_ENFORCED "sunset-not-enforced" [Meta Compatible]
        "An operation will go on answering after its sunset."
        "Clients have more time."
        ""
}
"Versions of clients" {
    CLIENT_MINIMUM_RAISED "client-minimum-raised" [Both Breaking]
        "Versions of the client that were served are refused."
        "They get a 426 with the link to upgrade, whatever they ask for."
        "Raise it when those versions are no longer supported."
    CLIENT_MINIMUM_LOWERED "client-minimum-lowered" [Both Compatible]
        "Earlier versions of the client are served too."
        "Those that are served go on being served."
        ""
    SUPPORTED_VERSION_ADDED "supported-version-added" [Meta Compatible]
        "One more version of the client is supported."
        "From the next change on, it counts."
        ""
    SUPPORTED_VERSION_REMOVED "supported-version-removed" [Meta Risky]
        "A version of the client is no longer supported, and still served."
        "From the next change on, nobody looks whether it breaks."
        "Raise `minimum` if it is not to be served; keep it listed if it is."
    VERSION_HEADER_RENAMED "version-header-renamed" [Both Breaking]
        "The header in which clients say their version has another name."
        "Clients send the old one and are taken for the oldest, or get the newest date."
        "Keep the header."
    VERSIONS_INTRODUCED "versions-introduced" [Both Compatible]
        "Clients may say which version they are, or which date they want."
        "Those that do not go on being served."
        ""
    VERSIONS_DROPPED "versions-dropped" [Both Risky]
        "Clients can no longer say which version they are."
        "All get the same: what was kept for old versions, or from them, no longer is."
        "Keep `versions` in bff.ts."
    VERSIONING_CHANGED "versioning-changed" [Both Breaking]
        "Dates take the place of versions of the client, or the other way round, or dates are no longer known."
        "What clients say of themselves means nothing any longer."
        "Keep the kind of versions."
    DATE_ADDED "date-added" [Both Compatible]
        "There is a contract for one more date; risky if it is the newest."
        "Clients that name a date keep it; those that name none, and whose key is held to none, get the newest."
        "Make sure that every key is held to a date (`frontdesk keys create --version-pin`)."
    DATE_REMOVED "date-removed" [Both Breaking]
        "There is no contract for a date any longer."
        "Clients that name it get a 400, `unknown_version`."
        "Keep its conversion until no partner names it."
    DATE_CHANGED "date-changed" [Meta Compatible]
        "Contracts of two dates are compared."
        "Both may be served at once; what follows is what a client meets that moves from one to the other."
        ""
}
"Names and words" {
    CLIENT_RENAMED "client-renamed" [Meta Compatible]
        "The BFF or its client has another name."
        "Nothing changes on the wire."
        ""
    OWNER_CHANGED "owner-changed" [Meta Compatible]
        "Somebody else owns the BFF."
        "Nothing changes on the wire."
        ""
    SUMMARY_CHANGED "summary-changed" [Meta Compatible]
        "The summary of an operation is another."
        "Nothing changes on the wire."
        ""
    DOC_CHANGED "doc-changed" [Meta Compatible]
        "A description is another."
        "Nothing changes on the wire."
        ""
    EXAMPLE_CHANGED "example-changed" [Meta Compatible]
        "An example is another."
        "Nothing changes on the wire."
        ""
    SCHEMA_ADDED "schema-added" [Meta Compatible]
        "A schema has a name now, or is new."
        "Generated clients have one more type."
        ""
    SCHEMA_REMOVED "schema-removed" [Meta Risky]
        "A schema has no name any longer, or is gone."
        "Nothing changes on the wire by it, but generated clients have one type fewer."
        "Keep the shape or annotation that names it."
    SCHEMA_RENAMED "schema-renamed" [Meta Risky]
        "A schema has another name."
        "Nothing changes on the wire, but generated clients have a type of another name."
        "Keep the name of the shape or annotation."
    UNUSED_SCHEMA_CHANGED "unused-schema-changed" [Meta Compatible]
        "A schema that no operation uses has changed."
        "Nothing changes on the wire."
        ""
    ORDER_CHANGED "order-changed" [Meta Compatible]
        "The same things stand in another order."
        "JSON objects have no order; lists of values, codes and scopes are sets."
        ""
    REWRITTEN "rewritten" [Meta Compatible]
        "The document says the same in another way."
        "Whatever fits one fits the other: a schema written in place and one mentioned by name are equal."
        ""
}
}
