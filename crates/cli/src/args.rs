//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// The runtime for backends-for-frontends: write a screen's data as one TypeScript function.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// The workspace: a folder with a `frontdesk.yaml`. Default: this folder or the nearest above it.
    #[arg(long, short = 'C', global = true, value_name = "FOLDER")]
    pub workspace: Option<PathBuf>,
    /// Read `frontdesk.<NAME>.yaml` over `frontdesk.yaml`.
    #[arg(long, global = true, env = "FRONTDESK_ENV", hide_env_values = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Colours in what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal only.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a new workspace that runs at once.
    New {
        /// The folder to make.
        folder: PathBuf,
    },
    /// Serve the workspace and follow every save; a broken save keeps the last good plan.
    Dev {
        #[command(flatten)]
        serve: ServeArgs,
        /// Ask no service: answers are made up from schemas, and from bffs/BFF/tests/mock.yaml. Whoever asks is taken
        /// for a made-up caller who may do everything, so it listens on loopback only.
        #[arg(long)]
        mock: bool,
    },
    /// Find every problem of the workspace, and every difference between the code and the locked contracts.
    Check {
        /// One JSON document instead of text.
        #[arg(long)]
        json: bool,
        /// And say what protects each endpoint, proxy and page.
        #[arg(long)]
        security: bool,
    },
    /// Show the plan of an endpoint: waves, guards, deadlines, batches, fields read.
    Explain {
        /// `bff/endpoint`, such as `ios/checkout-summary`; without it, every endpoint in a line each.
        endpoint: Option<String>,
        /// The plan as a JSON document; without an endpoint, the list of them.
        #[arg(long, conflicts_with = "svg")]
        json: bool,
        /// A picture, written to FILE (`-` for standard output).
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Run the cases of bffs/BFF/tests/*.yaml against the real thing, with services made up from their schemas.
    Test(TestArgs),
    /// Write down what clients may rely on, as the code has it: `bffs/BFF/contract.yaml`.
    Lock {
        /// The contracts of one BFF alone.
        bff: Option<String>,
        /// What was written, and how it changed, as one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Say what changes of contracts do to clients: the locked contracts against the code, or OLD against NEW.
    Diff(DiffArgs),
    /// Write what follows from a BFF's code: typed clients, pacts with its services, its OpenAPI document.
    Gen {
        #[command(subcommand)]
        what: Gen,
    },
    /// Serve the workspace. SIGHUP reads it again, SIGTERM finishes what is in flight and ends.
    Serve(ServeArgs),
    /// Add a service to the catalogue.
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// API keys of partners, and the ring of keys that seal sessions.
    Keys {
        #[command(subcommand)]
        what: Keys,
    },
}

#[derive(Clone, Debug, ClapArgs)]
pub struct ServeArgs {
    /// Another address for a BFF than `frontdesk.yaml` says; port 0 lets the system choose.
    #[arg(long, value_name = "BFF=HOST:PORT")]
    pub listen: Vec<String>,
    /// Another place for a service, or a version of it (`catalog.v2`), than `frontdesk.yaml` says; several to balance
    /// over them.
    #[arg(long, value_name = "SERVICE=URL")]
    pub url: Vec<String>,
    /// Another address for the admin listener.
    #[arg(long, value_name = "HOST:PORT")]
    pub admin: Option<String>,
    /// Worker threads. Default: one a core.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// No line a request on standard output.
    #[arg(long)]
    pub no_access_log: bool,
    /// How long requests in flight may take to finish at the end, in seconds.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    pub drain: u64,
    /// How long it goes on taking connections at the end while it says that it is not ready, in seconds: as long as a
    /// load balancer takes to notice.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub linger: u64,
    /// Say where it listens as one JSON line on standard output.
    #[arg(long)]
    pub json: bool,
    /// Set by `dev --mock` alone.
    #[arg(skip)]
    pub mock: bool,
}

#[derive(Clone, Debug, ClapArgs)]
pub struct DiffArgs {
    /// A contract's file, or a git revision: `main`, `HEAD~1`, `v1.4.0`. Default: the locked contracts.
    pub old: Option<String>,
    /// The same. Default: the code.
    pub new: Option<String>,
    /// The contracts of one BFF alone.
    #[arg(long, value_name = "BFF")]
    pub bff: Option<String>,
    /// One JSON document instead of text.
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Markdown, for a comment under a pull request.
    #[arg(long)]
    pub markdown: bool,
    /// From which class on the exit code is 1.
    #[arg(long, value_enum, default_value_t = FailOn::Breaking, value_name = "CLASS")]
    pub fail_on: FailOn,
    /// The day on which it is asked: what was to be gone by then may go. Default: today, in UTC.
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Breaking,
    Risky,
    /// Any change at all.
    Any,
    Never,
}

#[derive(Clone, Debug, Default, ClapArgs)]
pub struct TestArgs {
    /// The cases of one BFF alone.
    pub bff: Option<String>,
    /// Only cases whose name or text has this in it. Budgets and coverage are of all cases, so they are left out.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Write the snapshots as the answers are now, and show what changed.
    #[arg(long)]
    pub update: bool,
    /// What no case has tried, and how to.
    #[arg(long)]
    pub coverage: bool,
    /// What came of it as one JSON document, written to FILE (`-` for standard output).
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The same as CI systems read it, written to FILE (`-` for standard output).
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Verify pacts of consumers with this BFF (https://pact.io) instead of running cases: a file, or a folder of them.
    /// What their provider states are, bffs/BFF/tests/states.yaml says.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["update", "coverage"])]
    pub pact: Vec<PathBuf>,
    /// Write the verifier's own report to FILE.
    #[arg(long, value_name = "FILE", requires = "pact")]
    pub pact_results: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// From an OpenAPI 3.0 or 3.1 document.
    Openapi(ImportArgs),
    /// From a `.proto` file, a descriptor set, or a running server with reflection.
    Proto(ImportArgs),
}

#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// A file, the URL of one, or `http://host:port` of a gRPC server with reflection.
    pub from: String,
    /// The service's name in views. Default: from the file's name, or what the server says.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the service is. Default: what the document says, or the URL it came from.
    #[arg(long)]
    pub url: Option<String>,
    /// What was added, and what `frontdesk check` says now, as one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make an API key for a partner of a BFF. The key is shown this once; `bffs/BFF/keys.yaml` gets its hash.
    Create(CreateKey),
    /// Say which API keys a BFF has.
    List {
        /// The BFF whose keys they are.
        bff: String,
        /// One JSON document instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Take an API key out of `bffs/BFF/keys.yaml`. A running server refuses it from its next look at the file on.
    Revoke {
        /// The BFF whose key it is.
        bff: String,
        /// As `list` shows it, or the whole key.
        id: String,
        /// What was taken out, as one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Add a key to the server's key ring, or make the ring. Nobody is signed out.
    Rotate {
        /// The ring. Default: `session-keys` of frontdesk.yaml.
        #[arg(long, value_name = "PATH")]
        file: Option<PathBuf>,
        /// What was written, as one JSON document; never the keys.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub struct CreateKey {
    /// The BFF that the key opens.
    pub bff: String,
    /// Whose key it is. While one key replaces another, two may have the same name.
    #[arg(long)]
    pub name: String,
    /// What it may do: `orders.read,orders.write`.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub scopes: Vec<String>,
    /// How long it is good for: `90d`, `12h`.
    #[arg(long, value_name = "TIME")]
    pub expires: String,
    /// How often it may ask, instead of what bff.ts says per key: `100/1m`, or `100/1m/20` with at most 20 at once.
    #[arg(long, value_name = "N/TIME")]
    pub rate: Option<String>,
    /// The date of the contract it is held to, one of `versions: { dates }` in bff.ts. Default: the newest.
    #[arg(long, value_name = "DATE")]
    pub version_pin: Option<String>,
    /// The key and what is known of it, as one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Gen {
    /// A typed client of a BFF.
    Client(GenClient),
    /// What a BFF needs of each service it calls, for the services' own teams to verify (https://pact.io).
    Pact(GenPact),
    /// The contract of a BFF as an OpenAPI 3.1 document.
    Openapi(GenOpenapi),
}

#[derive(Debug, ClapArgs)]
pub struct GenOpenapi {
    /// The BFF whose contract it is.
    pub bff: String,
    #[command(flatten)]
    pub source: ContractSource,
    /// The file to write, as JSON if its name ends so. Default: standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// JSON instead of YAML.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub struct GenClient {
    /// The language it is written in.
    #[arg(value_parser = languages())]
    pub language: String,
    /// The BFF that it calls.
    pub bff: String,
    #[command(flatten)]
    pub source: ContractSource,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, ClapArgs)]
pub struct GenPact {
    /// The BFF that calls the services.
    pub bff: String,
    /// The pact with one service alone.
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    #[command(flatten)]
    pub output: Output,
}

/// Where a contract is taken from.
#[derive(Debug, ClapArgs)]
pub struct ContractSource {
    /// The contract as it is in this file, such as a `contract.yaml`. Default: as the code has it now.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// The contract of this date, of a BFF with dated versions. Default: the newest.
    #[arg(long, value_name = "DATE", conflicts_with = "from")]
    pub date: Option<String>,
}

/// What becomes of files that are written from something else.
#[derive(Debug, ClapArgs)]
pub struct Output {
    /// The folder to write into. Default, below the workspace: `clients/BFF/LANGUAGE` for a client, `bffs/BFF/pacts` for
    /// pacts.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write nothing; say which files are not as they would be written, and end with 1 if there are any.
    #[arg(long)]
    pub check: bool,
    /// What was written, or would be, as one JSON document.
    #[arg(long)]
    pub json: bool,
}

fn languages() -> clap::builder::PossibleValuesParser {
    frontdesk_contract::clients::LANGUAGES.iter().map(|language| language.name).collect::<Vec<_>>().into()
}
