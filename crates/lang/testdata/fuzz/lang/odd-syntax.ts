<!-- html -->
#!shebang
@decorator class A { #x; static { await 1; } }
enum E {}; namespace N {}; declare module "x" {}
export = 3; import a = require("b"); export as namespace C;