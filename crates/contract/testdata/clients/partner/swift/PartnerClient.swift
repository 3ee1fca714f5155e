// Written by `frontdesk gen client swift` from the contract of `partner`. Changes are lost when it is written again.

import Foundation

/// What `partner` may ask of its BFF.
///
/// Cancelling the task ends the request.
public struct PartnerClient: Sendable {
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
            baseURL, headers: ["Partner-Version": "2026-05-01"], credentials: credentials, sender: sender,
            retries: retries, timeout: timeout)
    }

    /// `GET /partner/v1/stock/{productId}`
    /// Needs the scope `stock`.
    public func stock(productId: String) async throws -> Answer<Stock, StockCode> {
        var call = Call("GET", "/partner/v1/stock/{productId}", secured: true)
        try call.path("productId", productId)
        return try await exchange.ask(call)
    }

    /// The key of an application; `nil` if there is none.
    public static func apiKey(_ key: @escaping @Sendable () async throws -> String?) -> some Credentials {
        HeaderCredentials("x-api-key", value: key)
    }
}
