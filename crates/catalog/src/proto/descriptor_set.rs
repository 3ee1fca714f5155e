//! A compiled schema: a `google.protobuf.FileDescriptorSet`, as `protoc --descriptor_set_out` or `buf build` write
//! it, and as server reflection answers.

use std::collections::HashSet;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use prost_reflect::prost::Message;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use prost_reflect::{DescriptorPool, FileDescriptor};

use super::import;
use super::place::{Opened, Places};
use crate::Files;
use crate::schema_file::unreadable;

/// Opens the set at `path`. Without texts, everything that is declared in it is placed at `mention`.
pub(super) fn open(
    path: &str,
    mention: Span,
    files: &dyn Files,
    found: &mut Vec<Diagnostic>,
) -> Option<Opened> {
    let bytes = match files.bytes(path) {
        Ok(bytes) => bytes,
        Err(problem) => {
            found.push(unreadable(path, &problem, mention, files));
            return None;
        }
    };
    match pool(&bytes) {
        Ok((set, pool)) => {
            let mut places = Places::new(mention);
            for file in &set.file {
                places.add(file, None);
            }
            Some(Opened { files: offered(&set, &pool), places })
        }
        Err(why) => {
            let message = format!("`{path}` cannot be read as a descriptor set");
            found.push(Diagnostic::error(codes::catalog::SCHEMA_SYNTAX, message, mention, why).help(
                "write it with `protoc --include_imports --include_source_info --descriptor_set_out=…`, \
                     or name the `.proto` file",
            ));
            None
        }
    }
}

/// The names of the services that a descriptor set offers, without their packages; none if it cannot be read.
pub fn service_names(bytes: &[u8]) -> Vec<String> {
    let Ok((set, pool)) = pool(bytes) else { return Vec::new() };
    let files = offered(&set, &pool);
    files
        .iter()
        .flat_map(|file| file.services().map(|service| service.name().to_owned()).collect::<Vec<_>>())
        .collect()
}

fn pool(bytes: &[u8]) -> Result<(FileDescriptorSet, DescriptorPool), String> {
    let set = FileDescriptorSet::decode(bytes).map_err(|error| error.to_string())?;
    if set.file.is_empty() {
        return Err("it holds no file".to_owned());
    }
    let there: HashSet<&str> = set.file.iter().map(FileDescriptorProto::name).collect();
    let mut pool = DescriptorPool::new();
    for missing in set.file.iter().flat_map(|file| &file.dependency) {
        if !there.contains(missing.as_str()) {
            import::add_well_known(missing, &mut pool);
        }
    }
    pool.decode_file_descriptor_set(bytes).map_err(|error| error.to_string())?;
    Ok((set, pool))
}

/// The files whose services a view may call: those that were asked for, not those that they import.
fn offered(set: &FileDescriptorSet, pool: &DescriptorPool) -> Vec<FileDescriptor> {
    let imported: HashSet<&str> =
        set.file.iter().flat_map(|file| &file.dependency).map(String::as_str).collect();
    let with_services = || {
        let files = set.file.iter().filter(|file| !file.service.is_empty());
        files.filter(|file| !["google.protobuf", "grpc.reflection.v1"].contains(&file.package()))
    };
    let mut chosen: Vec<_> = with_services().filter(|file| !imported.contains(file.name())).collect();
    if chosen.is_empty() {
        chosen = with_services().collect();
    }
    chosen.into_iter().filter_map(|file| pool.get_file_by_name(file.name())).collect()
}
