import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

// MARK: - What came back

/// What an operation answers: its value, or a problem that the contract knows. Everything else is thrown: `URLError` if
/// nothing came, `DecodingError` if it cannot be read, `CancellationError` if the task was cancelled.
public enum Answer<Value: Sendable, Code: ProblemCode>: Sendable {
    case success(Value, AnswerInfo)
    /// The BFF said no, and why.
    case refused(Problem<Code>)

    /// The value; a problem is thrown.
    public func get() throws -> Value {
        switch self {
        case .success(let value, _): return value
        case .refused(let problem): throw problem
        }
    }
}

public struct AnswerInfo: Hashable, Sendable {
    /// The calls that this answer does without; empty if it is whole.
    public var degraded: [Degraded]
    /// By their names in lower case.
    public var headers: [String: String]

    public init(degraded: [Degraded] = [], headers: [String: String] = [:]) {
        self.degraded = degraded
        self.headers = headers
    }
}

/// A call that an answer does without: `reason` is `timeout`, `error`, `malformed`, `open` or `shed`.
public struct Degraded: Hashable, Sendable {
    public var call: String
    public var reason: String

    public init(call: String, reason: String) {
        self.call = call
        self.reason = reason
    }
}

/// The codes of one operation: a closed set, and `unknown` for those of a newer BFF.
public protocol ProblemCode: RawRepresentable, Hashable, Sendable where RawValue == String {
    init(rawValue: String)
}

/// Why the BFF said no (RFC 9457).
public struct Problem<Code: ProblemCode>: Error, Hashable, Sendable {
    /// Stable; `unknown` if whoever answered was not the BFF.
    public var code: Code
    public var status: Int
    public var title: String?
    public var detail: String?
    public var correlationID: String?
    /// What is wrong with the input, place by place.
    public var errors: [InputProblem]
    /// When it may be worth while to ask again, in seconds.
    public var retryAfter: Double?
    /// Everything that the problem says.
    public var members: [String: JSONValue]

    public init(
        code: Code,
        status: Int,
        title: String? = nil,
        detail: String? = nil,
        correlationID: String? = nil,
        errors: [InputProblem] = [],
        retryAfter: Double? = nil,
        members: [String: JSONValue] = [:]
    ) {
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail
        self.correlationID = correlationID
        self.errors = errors
        self.retryAfter = retryAfter
        self.members = members
    }
}

public struct InputProblem: Codable, Hashable, Sendable {
    /// RFC 6901
    public var pointer: String
    public var code: String
    public var detail: String?

    public init(pointer: String, code: String, detail: String? = nil) {
        self.pointer = pointer
        self.code = code
        self.detail = detail
    }
}

// MARK: - What goes out

/// How requests get out. `URLSessionSender` does it with Foundation.
public protocol HTTPSender: Sendable {
    /// Any status is an answer. Cancelling the task ends the exchange.
    func send(_ request: HTTPRequest) async throws -> HTTPAnswer
}

public struct HTTPRequest: Hashable, Sendable {
    public var method: String
    public var url: URL
    public var headers: [String: String]
    public var body: Data?

    public init(method: String, url: URL, headers: [String: String] = [:], body: Data? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

public struct HTTPAnswer: Hashable, Sendable {
    public var status: Int
    /// By their names in lower case.
    public var headers: [String: String]
    public var body: Data

    public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" })
        self.body = body
    }
}

public struct URLSessionSender: HTTPSender {
    private let session: URLSession

    public init(session: URLSession = .shared) {
        self.session = session
    }

    public func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
        var outgoing = URLRequest(url: request.url)
        outgoing.httpMethod = request.method
        outgoing.httpBody = request.body
        for (name, value) in request.headers {
            outgoing.setValue(value, forHTTPHeaderField: name)
        }
        let (body, response) = try await session.data(for: outgoing)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            headers["\(name)"] = "\(value)"
        }
        return HTTPAnswer(status: response.statusCode, headers: headers, body: body)
    }
}

/// How this client proves who it is. Asked for each try of each request that needs it.
public protocol Credentials: Sendable {
    func headers(for request: HTTPRequest) async throws -> [String: String]

    /// Sees each answer, and the request as it was sent. `true`: with new headers it may go well; ask once more.
    func answered(_ request: HTTPRequest, _ answer: HTTPAnswer) async throws -> Bool
}

extension Credentials {
    public func answered(_ request: HTTPRequest, _ answer: HTTPAnswer) async throws -> Bool { false }
}

public struct BearerCredentials: Credentials {
    private let token: @Sendable (_ rejected: String?) async throws -> String?

    /// `token`: the access token; `nil` if there is none. It is asked for with the one that was rejected, if one was:
    /// then another is wanted, and the request is sent again with it, once.
    public init(_ token: @escaping @Sendable (_ rejected: String?) async throws -> String?) {
        self.token = token
    }

    public func headers(for request: HTTPRequest) async throws -> [String: String] {
        guard let token = try await token(nil) else { return [:] }
        return ["Authorization": "Bearer \(token)"]
    }

    public func answered(_ request: HTTPRequest, _ answer: HTTPAnswer) async throws -> Bool {
        guard answer.status == 401, let used = request.headers["Authorization"] else { return false }
        let rejected = String(used.dropFirst("Bearer ".count))
        guard let newer = try await token(rejected) else { return false }
        return newer != rejected
    }
}

/// A header whose value is known when it is needed.
public struct HeaderCredentials: Credentials {
    private let name: String
    private let value: @Sendable () async throws -> String?

    /// `value`: `nil` if there is none.
    public init(_ name: String, value: @escaping @Sendable () async throws -> String?) {
        self.name = name
        self.value = value
    }

    public func headers(for request: HTTPRequest) async throws -> [String: String] {
        guard let value = try await value() else { return [:] }
        return [name: value]
    }
}

/// Which requests are sent again, and when: those that change nothing or carry an idempotency key, if nothing came back,
/// or a 429 or 503.
public struct Retries: Hashable, Sendable {
    /// How often a request is sent at most.
    public var tries: Int
    /// Seconds before the second try, doubled from try to try; a random part of it is waited.
    public var pause: Double
    /// The longest wait, in seconds; an answer that asks for a longer one with `Retry-After` is final.
    public var longest: Double

    public init(tries: Int = 3, pause: Double = 0.2, longest: Double = 5) {
        self.tries = tries
        self.pause = pause
        self.longest = longest
    }

    public static let none = Retries(tries: 1)

    /// `nil`: not again.
    func before(_ next: Int, asked: Double?, end: Double) -> Double? {
        if next > tries { return nil }
        let most = min(pause * Double(1 << min(next - 2, 20)), longest)
        let random = Double.random(in: most / 2 ... max(most, most / 2))
        let pause = (asked ?? 0) + random
        return asked ?? 0 <= longest && ProcessInfo.processInfo.systemUptime + pause < end ? pause : nil
    }
}

/// A value that may be `null`, where leaving it out says something else: `nil` leaves it out, `.null` is `null`.
public enum Nullable<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    case null
    case value(Value)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .null : .value(try container.decode(Value.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .value(let value): try container.encode(value)
        }
    }
}

/// Any JSON.
public enum JSONValue: Codable, Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }
}

// MARK: - How it is done

/// A value behind a pointer: types that hold themselves have no size without.
indirect enum Indirect<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    case of(Value)

    init(_ value: Value) {
        self = .of(value)
    }

    init(from decoder: any Decoder) throws {
        self = .of(try Value(from: decoder))
    }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }

    var value: Value {
        switch self {
        case .of(let value): return value
        }
    }
}

/// Keys that are known only when they come.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ key: String) {
        stringValue = key
    }

    init?(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

extension JSONValue {
    func isObject(_ keys: String...) -> Bool {
        guard case .object(let members) = self else { return false }
        return keys.allSatisfy { members[$0] != nil }
    }

    func says(_ key: String, _ known: String...) -> Bool {
        guard case .object(let members) = self, case .string(let text)? = members[key] else { return false }
        return known.contains(text)
    }

    func isText(_ known: String...) -> Bool {
        guard case .string(let text) = self else { return false }
        return known.isEmpty || known.contains(text)
    }

    var isBoolean: Bool {
        if case .bool = self { return true }
        return false
    }

    var isInteger: Bool {
        if case .integer = self { return true }
        return false
    }

    var isNumber: Bool {
        if case .number = self { return true }
        return isInteger
    }

    var isArray: Bool {
        if case .array = self { return true }
        return false
    }
}

/// What can stand in a path, a query string or a header.
protocol WireText {
    var wireText: String { get }
}

extension String: WireText {
    var wireText: String { self }
}

extension Bool: WireText {
    var wireText: String { self ? "true" : "false" }
}

extension Int64: WireText {
    var wireText: String { String(self) }
}

extension Double: WireText {
    var wireText: String { "\(self)" }
}

extension WireText where Self: RawRepresentable, RawValue == String {
    var wireText: String { rawValue }
}

struct Call: Sendable {
    let method: String
    let secured: Bool
    private var path: String
    private var query: [String] = []
    private var headers: [String: String] = [:]
    private var body: Data?

    init(_ method: String, _ path: String, secured: Bool) {
        self.method = method
        self.path = path
        self.secured = secured
    }

    var mayRepeat: Bool { method == "GET" || method == "HEAD" || headers["Idempotency-Key"] != nil }

    mutating func path(_ name: String, _ value: some WireText) throws {
        let text = value.wireText
        if text.isEmpty || text == "." || text == ".." { throw URLError(.badURL) }
        path = path.replacingOccurrences(of: "{\(name)}", with: Self.escape(text))
    }

    mutating func query(_ name: String, _ value: (some WireText)?) {
        if let value { query.append("\(Self.escape(name))=\(Self.escape(value.wireText))") }
    }

    mutating func query(_ name: String, _ values: [some WireText]?) {
        for value in values ?? [] { query(name, value) }
    }

    mutating func header(_ name: String, _ value: (some WireText)?) {
        if let value { headers[name] = value.wireText }
    }

    mutating func header(_ name: String, _ values: [some WireText]?) {
        if let values { headers[name] = values.map(\.wireText).joined(separator: ", ") }
    }

    mutating func json(_ value: (some Encodable)?) throws {
        if let value { body = try JSONEncoder().encode(value) }
    }

    func request(base: String, always: [String: String]) throws -> HTTPRequest {
        guard let url = URL(string: base + path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))) else {
            throw URLError(.badURL)
        }
        var headers = always.merging(headers) { _, own in own }
        headers["Accept"] = "application/json, application/problem+json"
        if body != nil { headers["Content-Type"] = "application/json" }
        return HTTPRequest(method: method, url: url, headers: headers, body: body)
    }

    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    )

    private static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}

struct Exchange: Sendable {
    let base: String
    let headers: [String: String]
    let credentials: (any Credentials)?
    let sender: any HTTPSender
    let retries: Retries
    let timeout: Double

    init(
        _ baseURL: URL,
        headers: [String: String],
        credentials: (any Credentials)?,
        sender: any HTTPSender,
        retries: Retries,
        timeout: Double
    ) {
        let text = baseURL.absoluteString
        base = text.hasSuffix("/") ? String(text.dropLast()) : text
        self.headers = headers
        self.credentials = credentials
        self.sender = sender
        self.retries = retries
        self.timeout = timeout
    }

    func ask<Value: Decodable & Sendable, Code: ProblemCode>(_ call: Call) async throws -> Answer<Value, Code> {
        try await withThrowingTaskGroup(of: Answer<Value, Code>.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await asked(call) }
            group.addTask {
                try await Task.sleep(nanoseconds: UInt64(timeout * 1_000_000_000))
                throw URLError(.timedOut)
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func asked<Value: Decodable & Sendable, Code: ProblemCode>(_ call: Call) async throws -> Answer<Value, Code> {
        let end = ProcessInfo.processInfo.systemUptime + timeout
        var next = 2
        while true {
            let pause: Double
            do {
                let answer = try await once(call)
                let isBusy = answer.status == 429 || answer.status == 503
                guard isBusy, call.mayRepeat, let wait = retries.before(next, asked: retryAfter(answer), end: end) else {
                    return try read(answer)
                }
                pause = wait
            } catch let failure as URLError {
                try Task.checkCancellation()
                guard call.mayRepeat, failure.code != .badURL, let wait = retries.before(next, asked: nil, end: end) else {
                    throw failure
                }
                pause = wait
            }
            next += 1
            try await Task.sleep(nanoseconds: UInt64(pause * 1_000_000_000))
        }
    }

    private func once(_ call: Call) async throws -> HTTPAnswer {
        let plain = try call.request(base: base, always: headers)
        guard call.secured, let credentials else { return try await sender.send(plain) }
        let first = try await prove(plain, credentials)
        let answer = try await sender.send(first)
        guard try await credentials.answered(first, answer) else { return answer }
        let second = try await prove(plain, credentials)
        let last = try await sender.send(second)
        _ = try await credentials.answered(second, last)
        return last
    }

    private func prove(_ plain: HTTPRequest, _ credentials: any Credentials) async throws -> HTTPRequest {
        var proved = plain
        proved.headers.merge(try await credentials.headers(for: plain)) { _, own in own }
        return proved
    }

    private func read<Value: Decodable & Sendable, Code: ProblemCode>(
        _ answer: HTTPAnswer
    ) throws -> Answer<Value, Code> {
        if (200 ..< 300).contains(answer.status) {
            let value = try JSONDecoder().decode(Value.self, from: answer.body)
            let degraded = degraded(answer.headers["frontdesk-degraded"] ?? "")
            return .success(value, AnswerInfo(degraded: degraded, headers: answer.headers))
        }
        let members = (try? JSONDecoder().decode([String: JSONValue].self, from: answer.body)) ?? [:]
        let said = try? JSONDecoder().decode(InputProblems.self, from: answer.body)
        return .refused(
            Problem(
                code: Code(rawValue: members["code"]?.string ?? "unknown"),
                status: answer.status,
                title: members["title"]?.string,
                detail: members["detail"]?.string,
                correlationID: members["correlationId"]?.string,
                errors: said?.errors ?? [],
                retryAfter: retryAfter(answer),
                members: members
            ))
    }

    private struct InputProblems: Decodable {
        var errors: [InputProblem]
    }

    private func retryAfter(_ answer: HTTPAnswer) -> Double? {
        guard let text = answer.headers["retry-after"], let seconds = UInt32(text) else { return nil }
        return Double(seconds)
    }

    /// `similar;reason=timeout, delivery;reason=error` (RFC 9651)
    private func degraded(_ header: String) -> [Degraded] {
        header.split(separator: ",").compactMap { item in
            let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let call = parts.first, !call.isEmpty else { return nil }
            let reason = parts.dropFirst().first { $0.hasPrefix("reason=") }
            return Degraded(call: call, reason: reason.map { String($0.dropFirst("reason=".count)) } ?? "error")
        }
    }
}
