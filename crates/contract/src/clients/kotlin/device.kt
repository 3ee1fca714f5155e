import java.util.concurrent.atomic.AtomicReference

/**
 * A token that is bound to a key of this device, with a proof for each request (RFC 9449).
 *
 * @param token the newest one; `null` if nobody is signed in
 * @param store gets each new token, before it is used
 * @param proof signs: `htm` is the method, `htu` the address without its query, `ath` the hash of the token, and the
 * nonce goes in as it is
 */
class DeviceCredentials(
    private val token: suspend () -> String?,
    private val store: suspend (token: String) -> Unit,
    private val proof: suspend (method: String, address: String, token: String, nonce: String?) -> String,
) : Credentials {
    private val nonce = AtomicReference<String?>(null)

    override suspend fun headers(request: HttpRequest): Map<String, String> {
        val token = token() ?: return emptyMap()
        val signed = proof(request.method, request.url.substringBefore('?'), token, nonce.get())
        return mapOf("Authorization" to "DPoP $token", "DPoP" to signed)
    }

    override suspend fun answered(request: HttpRequest, answer: HttpAnswer): Boolean {
        val before = nonce.get()
        answer.headers["dpop-nonce"]?.let { nonce.set(it) }
        answer.headers["frontdesk-device-token"]?.let { store(it) }
        return answer.status == 401 && nonce.get() != before && "use_dpop_nonce" in answer.body.decodeToString()
    }
}
