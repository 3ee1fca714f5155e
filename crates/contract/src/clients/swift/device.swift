import Foundation

/// A token that is bound to a key of this device, with a proof for each request (RFC 9449).
public actor DeviceCredentials: Credentials {
    private let token: @Sendable () async throws -> String?
    private let store: @Sendable (String) async throws -> Void
    private let proof: @Sendable (_ method: String, _ address: String, _ token: String, _ nonce: String?) async throws -> String
    private var nonce: String?

    /// - Parameters:
    ///   - token: the newest one; `nil` if nobody is signed in
    ///   - store: gets each new token, before it is used
    ///   - proof: signs: `htm` is the method, `htu` the address without its query, `ath` the hash of the token, and the
    ///     nonce goes in as it is
    public init(
        token: @escaping @Sendable () async throws -> String?,
        store: @escaping @Sendable (String) async throws -> Void,
        proof: @escaping @Sendable (_ method: String, _ address: String, _ token: String, _ nonce: String?) async throws -> String
    ) {
        self.token = token
        self.store = store
        self.proof = proof
    }

    public func headers(for request: HTTPRequest) async throws -> [String: String] {
        guard let token = try await token() else { return [:] }
        let address = request.url.absoluteString.prefix { $0 != "?" }
        let signed = try await proof(request.method, String(address), token, nonce)
        return ["Authorization": "DPoP \(token)", "DPoP": signed]
    }

    public func answered(_ request: HTTPRequest, _ answer: HTTPAnswer) async throws -> Bool {
        let before = nonce
        if let newer = answer.headers["dpop-nonce"] { nonce = newer }
        let isNewer = nonce != before
        if let newer = answer.headers["frontdesk-device-token"] { try await store(newer) }
        return answer.status == 401 && isNewer && String(decoding: answer.body, as: UTF8.self).contains("use_dpop_nonce")
    }
}
