// Written by `frontdesk gen client swift` from the contract of `delivery`. Changes are lost when it is written again.

import Foundation

/// What `android` may ask of its BFF. Owner: team-delivery.
///
/// Cancelling the task ends the request.
public struct DeliveryClient: Sendable {
    private let exchange: Exchange

    /// - Parameters:
    ///   - baseURL: `https://bff.example.com`
    ///   - clientVersion: the version of the app; it decides which fields there are
    ///   - timeout: seconds that a call may take, all of its tries together
    public init(
        baseURL: URL,
        clientVersion: String,
        credentials: (any Credentials)? = nil,
        sender: any HTTPSender = URLSessionSender(),
        retries: Retries = Retries(),
        timeout: Double = 10
    ) {
        exchange = Exchange(
            baseURL, headers: ["X-Client-Version": clientVersion], credentials: credentials, sender: sender,
            retries: retries, timeout: timeout)
    }

    /// Where a delivery is.
    ///
    /// `GET /deliveries/{id}/legs/{leg.no}`
    /// The answer may have to do without `weather`.
    ///
    /// - Parameters:
    ///   - id: At least 1.
    public func track(
        id: Int64,
        legNo: Double,
        `in`: Colour,
        colours: [Colour]? = nil,
        call2: Bool? = nil,
        exchange: TrackExchange? = nil,
        numbers: [Int64]? = nil
    ) async throws -> Answer<Everything, TrackCode> {
        var call = Call("GET", "/deliveries/{id}/legs/{leg.no}", secured: true)
        try call.path("id", id)
        try call.path("leg.no", legNo)
        call.query("in", `in`)
        call.query("colours", colours)
        call.header("x-call", call2)
        call.query("exchange", exchange)
        call.query("numbers", numbers)
        return try await self.exchange.ask(call)
    }

    /// `PATCH /deliveries/{id}`
    public func change(
        id: String,
        idempotencyKey: String,
        body: Patch
    ) async throws -> Answer<Patch, ChangeCode> {
        var call = Call("PATCH", "/deliveries/{id}", secured: true)
        try call.path("id", id)
        call.header("Idempotency-Key", idempotencyKey)
        try call.json(body)
        return try await exchange.ask(call)
    }

    /// `GET /names`
    public func names() async throws -> Answer<Names, NamesCode> {
        let call = Call("GET", "/names", secured: true)
        return try await exchange.ask(call)
    }

    /// `GET /where`
    public func `where`() async throws -> Answer<PointOrNull?, WhereCode> {
        let call = Call("GET", "/where", secured: true)
        return try await exchange.ask(call)
    }

    /// `GET /class`
    public func `class`() async throws -> Answer<JSONValue, ClassCode> {
        let call = Call("GET", "/class", secured: true)
        return try await exchange.ask(call)
    }

    /// An access token in `Authorization`: see `BearerCredentials`.
    public static func bearer(_ token: @escaping @Sendable (_ rejected: String?) async throws -> String?) -> some Credentials {
        BearerCredentials(token)
    }
}
