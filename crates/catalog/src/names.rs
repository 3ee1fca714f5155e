//! Names as views write them: `list-products` → `listProducts`, `my.pkg.Product` → `MyPkgProduct`.

/// lowerCamelCase. Parts are what stands between characters that no name can hold, and `_`.
pub fn lower_camel(name: &str) -> String {
    let mut out = String::new();
    for word in words(name) {
        if out.is_empty() {
            let is_shouted = word.len() > 1 && !word.chars().any(char::is_lowercase);
            if is_shouted {
                out.push_str(&word.to_lowercase());
            } else {
                push_first(&mut out, word, char::to_ascii_lowercase);
            }
        } else {
            push_first(&mut out, word, char::to_ascii_uppercase);
        }
    }
    guard_digit(out)
}

/// UpperCamelCase.
pub fn upper_camel(name: &str) -> String {
    let mut out = String::new();
    for word in words(name) {
        push_first(&mut out, word, char::to_ascii_uppercase);
    }
    guard_digit(out)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '$')).filter(|word| !word.is_empty())
}

fn push_first(out: &mut String, word: &str, change: fn(&char) -> char) {
    let mut chars = word.chars();
    if let Some(first) = chars.next() {
        out.push(change(&first));
        out.push_str(chars.as_str());
    }
}

fn guard_digit(name: String) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// An argument's name for a name on the wire: itself where TypeScript can write it after a dot.
pub fn argument(wire: &str) -> String {
    if frontdesk_types::is_identifier(wire) {
        return wire.to_owned();
    }
    let name = lower_camel(wire);
    if name.is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_a_view_can_write() {
        assert_eq!(lower_camel("GetProduct"), "getProduct");
        assert_eq!(lower_camel("get_product-list"), "getProductList");
        assert_eq!(lower_camel("products.list"), "productsList");
        assert_eq!(lower_camel("URL"), "url");
        assert_eq!(lower_camel("3dModel"), "_3dModel");
        assert_eq!(upper_camel("my.pkg.product"), "MyPkgProduct");
        assert_eq!(argument("X-Request-Id"), "xRequestId");
        assert_eq!(argument("cart_id"), "cart_id");
        assert_eq!(argument("filter[name]"), "filterName");
    }
}
