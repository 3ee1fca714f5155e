//! Names of schemas and operations, made of names that the code has.

/// `checkout-summary` → `CheckoutSummary`. Characters that no identifier can have part words.
pub(super) fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            begins = true;
        } else if std::mem::take(&mut begins) {
            out.push(c.to_ascii_uppercase());
        } else {
            out.push(c);
        }
    }
    if out.starts_with(|first: char| first.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// `checkout-summary` → `checkoutSummary`.
pub(super) fn camel(text: &str) -> String {
    let name = pascal(text);
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

/// What one element of a list is called: `items` → `item`, `categories` → `category`, `addresses` → `address`. A word
/// whose plural does not show stays as it is.
pub(super) fn singular(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let cut = |end: usize| text.get(..text.len() - end).unwrap_or(text);
    let ends = |ending: &str| lower.ends_with(ending) && lower.len() > ending.len();
    if ends("ies") && lower.len() > 4 {
        format!("{}y", cut(3))
    } else if ["sses", "xes", "ches", "shes", "zzes"].iter().any(|ending| ends(ending)) {
        cut(2).to_owned()
    } else if ends("s") && !["ss", "us", "is", "news", "series"].iter().any(|ending| lower.ends_with(ending))
    {
        cut(1).to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_names() {
        for (text, name) in [
            ("checkout-summary", "CheckoutSummary"),
            ("orders/list", "OrdersList"),
            ("oldPrice", "OldPrice"),
            ("2x", "_2x"),
            ("straße", "StraE"),
            ("", ""),
        ] {
            assert_eq!(pascal(text), name, "{text:?}");
        }
        assert_eq!(camel("checkout-summary"), "checkoutSummary");
    }

    #[test]
    fn one_of_many_is_named() {
        for (many, one) in [
            ("items", "item"),
            ("bestSellers", "bestSeller"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("prices", "price"),
            ("status", "status"),
            ("address", "address"),
            ("analysis", "analysis"),
            ("ties", "tie"),
            ("s", "s"),
            ("children", "children"),
        ] {
            assert_eq!(singular(many), one, "{many:?}");
        }
    }
}
