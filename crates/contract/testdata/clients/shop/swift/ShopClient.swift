// Written by `frontdesk gen client swift` from the contract of `shop`. Changes are lost when it is written again.

import Foundation

/// What `ios` may ask of its BFF. Owner: team-ios.
///
/// Cancelling the task ends the request.
public struct ShopClient: Sendable {
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

    /// The first screen.
    ///
    /// `GET /v3/home`
    /// The answer may have to do without `similar`, `promotions`.
    ///
    /// - Parameters:
    ///   - rows: From 1 to 12. If it is left out: `6`.
    ///   - since: Format: `date`.
    public func home(
        rows: Int64? = nil,
        tags: [String]? = nil,
        onlyNew: Bool? = nil,
        device: String? = nil,
        since: String? = nil
    ) async throws -> Answer<Home, HomeCode> {
        var call = Call("GET", "/v3/home", secured: false)
        call.query("rows", rows)
        call.query("tags", tags)
        call.query("onlyNew", onlyNew)
        call.header("x-device", device)
        call.query("since", since)
        return try await exchange.ask(call)
    }

    /// `GET /v2/home`
    @available(*, deprecated, message: "Use GET /v3/home. The first screen has been made anew. Deprecated since 2026-05-01, gone from 2027-01-01 on.")
    public func oldHome() async throws -> Answer<Home?, OldHomeCode> {
        let call = Call("GET", "/v2/home", secured: true)
        return try await exchange.ask(call)
    }

    /// `GET /v3/products/{productId}`
    /// Needs the scope `catalogue` and `shop`.
    ///
    /// - Parameters:
    ///   - productId: From 1 to 32 characters.
    public func product(productId: String) async throws -> Answer<Product, ProductCode> {
        var call = Call("GET", "/v3/products/{productId}", secured: true)
        try call.path("productId", productId)
        return try await exchange.ask(call)
    }

    /// Holds the money, then books the delivery.
    ///
    /// `POST /v3/carts/{cartId}/order`
    ///
    /// - Parameters:
    ///   - idempotencyKey: new for each thing to be done; with it, a lost answer is asked for again
    public func placeOrder(
        cartId: String,
        body: PlaceOrderBody,
        idempotencyKey: String? = nil
    ) async throws -> Answer<Order, PlaceOrderCode> {
        var call = Call("POST", "/v3/carts/{cartId}/order", secured: true)
        try call.path("cartId", cartId)
        try call.json(body)
        call.header("Idempotency-Key", idempotencyKey)
        return try await exchange.ask(call)
    }

    /// Asked twice with one key, pays once.
    ///
    /// `POST /v3/orders/{orderId}/payments`
    ///
    /// - Parameters:
    ///   - idempotencyKey: new for each thing to be done; with it, a lost answer is asked for again
    public func payOrder(
        orderId: String,
        idempotencyKey: String
    ) async throws -> Answer<Order, PayOrderCode> {
        var call = Call("POST", "/v3/orders/{orderId}/payments", secured: true)
        try call.path("orderId", orderId)
        call.header("Idempotency-Key", idempotencyKey)
        return try await exchange.ask(call)
    }

    /// `DELETE /v3/devices`
    ///
    /// - Parameters:
    ///   - idempotencyKey: new for each thing to be done; with it, a lost answer is asked for again
    public func signOut(idempotencyKey: String? = nil) async throws -> Answer<SignOut, SignOutCode> {
        var call = Call("DELETE", "/v3/devices", secured: true)
        call.header("Idempotency-Key", idempotencyKey)
        return try await exchange.ask(call)
    }

    /// An access token in `Authorization`: see `BearerCredentials`.
    public static func bearer(_ token: @escaping @Sendable (_ rejected: String?) async throws -> String?) -> some Credentials {
        BearerCredentials(token)
    }
}
