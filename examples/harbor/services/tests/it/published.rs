//! What the services say fits the documents they publish. A BFF is checked against the documents and served by the
//! services: where they disagree, an example would fail with `malformed` for no reason a reader could see.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use harbor_services::Service;
use serde_json::Value;

use crate::world::World;

/// The documents, each read once.
#[derive(Default)]
struct Documents(HashMap<PathBuf, Value>);

impl Documents {
    fn load(&mut self, path: &Path) -> Value {
        self.0
            .entry(path.to_owned())
            .or_insert_with(|| {
                let text = std::fs::read_to_string(path).unwrap();
                serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            })
            .clone()
    }

    /// What `node` is, or points at, and the file that it is in.
    fn resolve(&mut self, node: &Value, file: &Path) -> (Value, PathBuf) {
        let Some(target) = node["$ref"].as_str() else { return (node.clone(), file.to_owned()) };
        let (other, pointer) = target.split_once('#').unwrap();
        let path = if other.is_empty() { file.to_owned() } else { file.parent().unwrap().join(other) };
        let found = self.load(&path).pointer(pointer).unwrap_or_else(|| panic!("{target}")).clone();
        self.resolve(&found, &path)
    }

    /// Whether `value` fits; the place and the reason if it does not.
    fn fits(&mut self, schema: &Value, file: &Path, value: &Value, at: &str) -> Result<(), String> {
        let (schema, file) = self.resolve(schema, file);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.fits(part, &file, value, at)?;
        }
        if let Some(branches) = schema["oneOf"].as_array() {
            let fitting =
                branches.iter().filter(|branch| self.fits(branch, &file, value, at).is_ok()).count();
            return if fitting == 1 {
                Ok(())
            } else {
                Err(format!("{at}: fits {fitting} branches: {value}"))
            };
        }
        if value.is_null() && schema["nullable"] == true {
            return Ok(());
        }
        if schema.get("const").is_some_and(|only| only != value) {
            return Err(format!("{at}: {value} is not {}", schema["const"]));
        }
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            return Err(format!("{at}: {value} is not one of {}", schema["enum"]));
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            single => single.as_str().into_iter().collect(),
        };
        let fits = types.is_empty()
            || types.iter().any(|name| match *name {
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                _ => value.is_null(),
            });
        if !fits {
            return Err(format!("{at}: {value} is not {types:?}"));
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.get(name).is_none() {
                return Err(format!("{at}: `{name}` is missing"));
            }
        }
        for (name, member) in value.as_object().into_iter().flatten() {
            let place = format!("{at}/{name}");
            match schema["properties"].get(name) {
                Some(known) => self.fits(known, &file, member, &place)?,
                None if schema["additionalProperties"].is_object() => {
                    self.fits(&schema["additionalProperties"], &file, member, &place)?;
                }
                None => {}
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.fits(&schema["items"], &file, item, &format!("{at}/{index}"))?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn every_answer_fits_the_published_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let services = [
        Service::Catalog,
        Service::Tax,
        Service::Shipping,
        Service::Inventory,
        Service::Payments,
        Service::Recommendations,
        Service::Backoffice,
        Service::CartHttp,
        Service::PricingHttp,
        Service::Customers,
    ];
    let world = World::start();
    let mut documents = Documents::default();
    let mut checked = 0;
    for service in services {
        let file = folder.join(format!("{}.openapi.yaml", service.name()));
        let document = documents.load(&file);
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(operation) = item.get("get") else { continue };
            let schema = {
                let (answer, _) = documents.resolve(&operation["responses"]["200"], &file);
                answer["content"]["application/json"]["schema"].clone()
            };
            for number in [1, 12, 35, 40] {
                let path = path
                    .replace("{productId}", &format!("p{number}"))
                    .replace("{sellerId}", &format!("s{number}"))
                    .replace("{cartId}", &format!("c{number}"))
                    .replace("{customerId}", &format!("cu{number}"))
                    .replace("{orderId}", &format!("o{number}"));
                let needs_ids =
                    path.ends_with(":batchGet") || path == "/v1/sellers" && service == Service::Catalog;
                let query = match path.as_str() {
                    "/v1/quote" => "?currency=EUR&couponCode=HARBOR10&lines=a:p5:12,b:p7:4",
                    _ if needs_ids || path == "/v1/stock" => "?ids=p1,p7,p12,s1,s5",
                    _ => "",
                };
                let value = world.json(service, &format!("{path}{query}")).await;
                let fits = documents.fits(&schema, &file, &value, "");
                assert!(fits.is_ok(), "{} {path}: {}", service.name(), fits.unwrap_err());
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} answers were checked");
}
