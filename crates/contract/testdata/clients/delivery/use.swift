// A program that uses the Swift client: what it is told by hand, then a BFF at the address of the first argument.

import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

struct Wrong: Error, CustomStringConvertible {
    let description: String
}

func check(_ holds: Bool, line: Int = #line) throws {
    if !holds { throw Wrong(description: "line \(line)") }
}

func same<T: Equatable>(_ is_: T, _ wanted: T, line: Int = #line) throws {
    if is_ != wanted { throw Wrong(description: "line \(line)\n   is: \(is_)\nwants: \(wanted)") }
}

/// Answers from a list; what was asked is kept.
actor Told: HTTPSender {
    private let answers: [Result<HTTPAnswer, URLError>]
    private(set) var asked: [HTTPRequest] = []

    init(_ answers: Result<HTTPAnswer, URLError>...) {
        self.answers = answers
    }

    func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
        asked.append(request)
        return try answers[asked.count - 1].get()
    }
}

func json(_ status: Int, _ body: String, _ headers: [String: String] = [:]) -> Result<HTTPAnswer, URLError> {
    .success(HTTPAnswer(status: status, headers: headers, body: Data(body.utf8)))
}

let lost: Result<HTTPAnswer, URLError> = .failure(URLError(.networkConnectionLost))

func client(_ sender: any HTTPSender, _ credentials: (any Credentials)? = nil) -> DeliveryClient {
    DeliveryClient(
        baseURL: URL(string: "https://bff.example.com/base/")!,
        clientVersion: "2.0.0",
        credentials: credentials,
        sender: sender,
        retries: Retries(pause: 0.001)
    )
}

func read<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(text.utf8))
}

func written(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

let everything = """
    {
        "whole": 9007199254740993, "decimal": 1, "flag": true, "text": "2026-05-01T00:00:00Z", "numbered": 3, "halves": 1.0,
        "yes": true, "maybe": "c", "nullable": null, "both": null, "all": "x", "counts": {"a": 1, "b": null},
        "maps": {"x": {"y": {"type": "parcel", "weight": 1.5, "new": 1}}},
        "open": {"id": "1", "other": 2.5}, "empty": {"later": {}}, "forest": [[], 1],
        "step": {"type": "both", "then": [{"type": "letter"}, {"type": "drone", "height": 3}]},
        "depot": {"name": "a", "near": {"main": {"name": "b"}}}, "point": null, "points": [[1, null, "red"], null],
        "nothing": [], "twins": "a@b.c", "one": null, "any": {"tight": "t", "more": 1}, "unheard": [1, {"of": null}]
    }
    """

func values() throws {
    let all = try read(Everything.self, everything)
    try same(all.whole, 9_007_199_254_740_993)
    try same(all.maybe, .unknown("c"))
    try check(all.missing == nil && all.both == nil)
    try same(all.counts, ["a": 1, "b": nil])
    try same(all.maps["x"]?["y"], .parcel(Parcel(weight: 1.5)))
    try same(all.open, EverythingOpen(id: "1", more: ["other": 2.5]))
    try same(all.depot, Depot(near: Region(main: Depot(name: "b")), name: "a"))
    try same(all.points, [Point(first: 1, second: nil, third: .red), nil])
    try same(all.any, .everythingAny2(EverythingAny2(tight: "t")))
    guard case .both(let both) = all.step, case .items(let then) = both.then else { throw Wrong(description: "\(all.step)") }
    try same(then.first, .letter(Letter()))
    guard case .other? = then.last else { throw Wrong(description: "\(then)") }
    // Nothing is lost on the way back.
    try same(read(Everything.self, written(all)), all)
    let others: [(String, EverythingAny)] = [
        ("1", .whole(1)), ("1.5", .decimal(1.5)), ("true", .flag(true)), ("\"1\"", .text("1")), ("\"self\"", .colour(.self_)),
        ("[\"a\"]", .items(["a"])), ("[1, 2, \"red\"]", .point(Point(first: 1, second: 2, third: .red))),
        ("{\"loose\": \"x\"}", .everythingAny1(EverythingAny1(loose: "x"))),
    ]
    for (text, wanted) in others {
        try same(read(EverythingAny.self, text), wanted)
    }
}

func bodies() throws {
    var patch = Patch(required: "r", cleared: nil)
    try same(written(patch), #"{"cleared":null,"kind":"patch","required":"r"}"#)
    patch.left = "l"
    patch.either = .null
    patch.colour = .value(.`default`)
    patch.limits = [1, nil]
    patch.open = PatchOpen(aB: nil, c: .value("c"), more: ["d": "e"])
    patch.step = .items([.parcel(Parcel(weight: 2)), .other(.integer(7))])
    patch.point = Point(first: 1, second: nil, third: .unknown("mauve"))
    try same(
        written(patch),
        #"{"cleared":null,"colour":"Default","either":null,"kind":"patch","left":"l","limits":[1,null],"#
            + #""open":{"a-b":null,"c":"c","d":"e"},"point":[1,null,"mauve"],"required":"r","#
            + #""step":[{"type":"parcel","weight":2},7]}"#
    )
}

func requests() async throws {
    let sender = Told(json(200, everything, ["Frontdesk-Degraded": "weather;reason=timeout, *x;a=1;reason=open"]))
    let answer = try await client(sender).track(
        id: 1, legNo: 1.5, in: .`default`, colours: [.red, .unknown("a&b +ü")], call2: true, exchange: nil)
    let asked = await sender.asked[0]
    try same(
        asked.url.absoluteString,
        "https://bff.example.com/base/deliveries/1/legs/1.5?in=Default&colours=red&colours=a%26b%20%2B%C3%BC"
    )
    try same([asked.headers["X-Client-Version"], asked.headers["x-call"]], ["2.0.0", "true"])
    try check(asked.body == nil && asked.headers["Content-Type"] == nil)
    guard case .success(_, let info) = answer else { throw Wrong(description: "\(answer)") }
    try same(info.degraded, [Degraded(call: "weather", reason: "timeout"), Degraded(call: "*x", reason: "open")])
    // A segment that would lead elsewhere is not sent.
    let nowhere = Told()
    let sent: ()? = try? await { _ = try await client(nowhere).change(id: "..", idempotencyKey: "k", body: Patch(required: "", cleared: nil)) }()
    let count = await nowhere.asked.count
    try check(sent == nil && count == 0)
}

func problems() async throws {
    let errors = #"[{"pointer":"/id","code":"too_small","detail":"at least 1"}]"#
    let known = Told(json(404, #"{"code":"gone_away","title":"Gone","correlationId":"c","errors":\#(errors)}"#))
    guard case .refused(let gone) = try await client(known).track(id: 1, legNo: 1, in: .red) else { throw Wrong(description: "404") }
    switch gone.code {
    case .goneAway: try same(gone.errors, [InputProblem(pointer: "/id", code: "too_small", detail: "at least 1")])
    case .invalidInput, .loginRequired, .serviceUnavailable, .deadlineExceeded, .unknown: throw Wrong(description: "\(gone)")
    }
    try same([gone.title, gone.correlationID], ["Gone", "c"])
    guard case .refused(let newer) = try await client(Told(json(400, #"{"code":"later"}"#))).`where`() else { throw Wrong(description: "400") }
    try check(newer.code == .unknown("later") && newer.status == 400)
    guard case .refused(let stranger) = try await client(Told(json(502, "<html>"))).`where`() else { throw Wrong(description: "502") }
    try check(stranger.code == .unknown("unknown") && stranger.status == 502)
    do {
        _ = try await client(Told(json(200, "<html>"))).`where`()
        throw Wrong(description: "200")
    } catch is DecodingError {}
    try await same(client(Told(json(200, "null"))).`where`().get(), nil)
    try await same(client(Told(json(200, "null"))).`class`().get(), .null)
}

func retries() async throws {
    let patch = Patch(required: "", cleared: nil)
    let patched = json(200, try written(patch))
    let twice = Told(lost, json(503, "{}", ["Retry-After": "0"]), json(200, "[1,null,\"red\"]"))
    try await same(client(twice).`where`().get(), Point(first: 1, second: nil, third: .red))
    let long = Told(json(429, "{}", ["Retry-After": "60"]))
    guard case .refused(let later) = try await client(long).`where`() else { throw Wrong(description: "429") }
    try same(later.retryAfter, 60)
    let enough = Told(lost, lost, lost, lost)
    do {
        _ = try await client(enough).`where`()
        throw Wrong(description: "lost")
    } catch is URLError {}
    try await same(enough.asked.count, 3)
    // The contract asks for the key here; with it, the same body goes out again.
    let keyed = Told(lost, patched)
    try await same(client(keyed).change(id: "1", idempotencyKey: "key", body: patch).get(), patch)
    try await same(Set(keyed.asked.map { "\($0.headers["Idempotency-Key"] ?? "") \($0.method)" }), ["key PATCH"])
    let other = Told(json(504, "{}"))
    guard case .refused = try await client(other).`where`() else { throw Wrong(description: "504") }
    try await same(other.asked.count, 1)
}

actor Kept {
    var token = "fdm_1"

    func store(_ token: String) {
        self.token = token
    }
}

func credentials() async throws {
    let renewed = Told(json(401, "{}"), json(200, "null"))
    let bearer = DeliveryClient.bearer { rejected in
        let isFirst = await renewed.asked.isEmpty
        return rejected == nil && isFirst ? "old" : "new"
    }
    _ = try await client(renewed, bearer).`where`().get()
    try await same(renewed.asked.map { $0.headers["Authorization"] }, ["Bearer old", "Bearer new"])
    let refused = Told(json(401, "{}"))
    guard case .refused = try await client(refused, DeliveryClient.bearer { _ in "same" }).`where`() else {
        throw Wrong(description: "401")
    }

    let kept = Kept()
    let sender = Told(
        json(401, #"{"code":"use_dpop_nonce"}"#, ["DPoP-Nonce": "n1"]), json(200, "null", ["Frontdesk-Device-Token": "fdm_2"]))
    let device = DeviceCredentials(
        token: { await kept.token },
        store: { await kept.store($0) },
        proof: { method, address, token, nonce in "\(method) \(address) \(token) \(nonce ?? "-")" }
    )
    _ = try await client(sender, device).`where`().get()
    try await same(
        sender.asked.map { $0.headers["DPoP"] },
        ["-", "n1"].map { "GET https://bff.example.com/base/where fdm_1 \($0)" }
    )
    try await same(kept.token, "fdm_2")
}

/// Foundation's own HTTP, against a server.
func network(_ address: String) async throws {
    let client = DeliveryClient(
        baseURL: URL(string: address)!, clientVersion: "2.0.0", retries: Retries(pause: 0.001))
    guard case .success(let point, let info) = try await client.`where`() else { throw Wrong(description: "where") }
    try same(point, Point(first: 1, second: nil, third: .red))
    try same(info.degraded, [Degraded(call: "weather", reason: "timeout")])
    guard case .refused = try await client.`class`() else { throw Wrong(description: "class") }
    let started = Date()
    let slow = Task { try await client.names() }
    try await Task.sleep(nanoseconds: 200_000_000)
    slow.cancel()
    guard case .failure(let end) = await slow.result else { throw Wrong(description: "it was not cancelled") }
    try check(end is CancellationError)
    let hasty = DeliveryClient(baseURL: URL(string: address)!, clientVersion: "2.0.0", timeout: 0.2)
    do {
        _ = try await hasty.names()
        throw Wrong(description: "it came in time")
    } catch let late as URLError {
        try same(late.code, .timedOut)
    }
    try check(Date().timeIntervalSince(started) < 5)
}

@main
struct Use {
    static func main() async {
        do {
            try values()
            try bodies()
            try await requests()
            try await problems()
            try await retries()
            try await credentials()
            try await network(CommandLine.arguments[1])
            print("all is well")
        } catch {
            print("wrong: \(error)")
            exit(1)
        }
    }
}
