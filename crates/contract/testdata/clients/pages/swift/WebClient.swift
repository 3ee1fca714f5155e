// Written by `frontdesk gen client swift` from the contract of `web`. Changes are lost when it is written again.

import Foundation

/// What `web` may ask of its BFF.
///
/// Cancelling the task ends the request.
public struct WebClient: Sendable {
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

    /// `GET /orders`
    public func orders() async throws -> Answer<[String], OrdersCode> {
        let call = Call("GET", "/orders", secured: true)
        return try await exchange.ask(call)
    }

    /// The key of an application; `nil` if there is none.
    public static func apiKey(_ key: @escaping @Sendable () async throws -> String?) -> some Credentials {
        HeaderCredentials("authorization", value: key)
    }

    /// An access token in `Authorization`: see `BearerCredentials`.
    public static func bearer(_ token: @escaping @Sendable (_ rejected: String?) async throws -> String?) -> some Credentials {
        BearerCredentials(token)
    }

    /// A session whose cookie the sender of requests keeps.
    public static func session() -> some Credentials {
        HeaderCredentials("x-frontdesk") { "1" }
    }
}
