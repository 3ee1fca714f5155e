//! The language as QuickJS runs it.

use rquickjs::{CatchResultExt, CaughtError, Context, Runtime};

use crate::expressions::PRELUDE;

pub struct QuickJs {
    context: Context,
    _runtime: Runtime,
}

impl QuickJs {
    pub fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        runtime.set_max_stack_size(4 << 20);
        let context = Context::full(&runtime).unwrap();
        context.with(|js| js.eval::<(), _>(PRELUDE)).unwrap();
        Self { context, _runtime: runtime }
    }

    /// The JSON of an expression's value, `null` for `undefined`; or the name of the error it throws. `data` is JSON
    /// text, which the expression knows as `v0`.
    pub fn json(&self, source: &str, data: &str) -> Result<String, String> {
        self.context.with(|js| {
            let set: rquickjs::Function<'_> =
                js.eval("(text) => { globalThis.v0 = JSON.parse(text); }").unwrap();
            set.call::<_, ()>((data,)).unwrap();
            let program = format!("JSON.stringify((() => ({source}))()) ?? 'null'");
            js.eval::<String, _>(program).catch(&js).map_err(|error| match error {
                CaughtError::Exception(exception) => {
                    let name: String = exception.as_object().get("name").unwrap();
                    assert_ne!(name, "SyntaxError", "{source}\n{exception}");
                    name
                }
                other => panic!("{source}\n{other}"),
            })
        })
    }
}
