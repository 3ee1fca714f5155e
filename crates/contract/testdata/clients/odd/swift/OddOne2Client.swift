// Written by `frontdesk gen client swift` from the contract of `odd-one.2`. Changes are lost when it is written again.

import Foundation

/// What `odd` may ask of its BFF.
///
/// Cancelling the task ends the request.
public struct OddOne2Client: Sendable {
    private let exchange: Exchange

    /// - Parameters:
    ///   - baseURL: `https://bff.example.com`
    ///   - timeout: seconds that a call may take, all of its tries together
    public init(
        baseURL: URL,
        credentials: (any Credentials)? = nil,
        sender: any HTTPSender = URLSessionSender(),
        retries: Retries = Retries(),
        timeout: Double = 10
    ) {
        exchange = Exchange(
            baseURL, headers: [:], credentials: credentials, sender: sender,
            retries: retries, timeout: timeout)
    }

    /// Ends the comment: */ and goes on.
    ///
    /// `PUT /odd/{id}`
    /// The answer may have to do without `*_gr__e`.
    ///
    /// - Parameters:
    ///   - idempotencyKey: new for each thing to be done; with it, a lost answer is asked for again
    public func constructor(
        id: String,
        `in`: ConstructorIn? = nil,
        xList: [String]? = nil,
        filter: String? = nil,
        body: Promise? = nil,
        idempotencyKey: String? = nil
    ) async throws -> Answer<ProblemValue, ConstructorCode> {
        var call = Call("PUT", "/odd/{id}", secured: true)
        try call.path("id", id)
        call.query("in", `in`)
        call.header("x-list", xList)
        call.query("filter", filter)
        try call.json(body)
        call.header("Idempotency-Key", idempotencyKey)
        return try await exchange.ask(call)
    }

    /// `GET /odd/then`
    public func then() async throws -> Answer<Class, ThenCode> {
        let call = Call("GET", "/odd/then", secured: true)
        return try await exchange.ask(call)
    }

    /// `GET /odd/default`
    public func `default`() async throws -> Answer<JSONValue, DefaultCode> {
        let call = Call("GET", "/odd/default", secured: true)
        return try await exchange.ask(call)
    }

    /// `DELETE /odd/delete`
    ///
    /// - Parameters:
    ///   - idempotencyKey: new for each thing to be done; with it, a lost answer is asked for again
    public func delete(idempotencyKey: String? = nil) async throws -> Answer<Loop, DeleteCode> {
        var call = Call("DELETE", "/odd/delete", secured: true)
        call.header("Idempotency-Key", idempotencyKey)
        return try await exchange.ask(call)
    }
}
