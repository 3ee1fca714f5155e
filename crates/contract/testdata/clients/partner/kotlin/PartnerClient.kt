// Written by `frontdesk gen client kotlin` from the contract of `partner`. Changes are lost when it is written again.

package frontdesk.partner

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.serializer

/**
 * What `partner` may ask of its BFF.
 *
 * Cancelling the coroutine ends the request.
 *
 * @param baseUrl `https://bff.example.com`
 * @param timeout how long a call may take, all of its tries together
 */
class PartnerClient(
    baseUrl: String,
    credentials: Credentials? = null,
    http: HttpSender = UrlConnectionSender(),
    retries: Retries = Retries(),
    timeout: Duration = 10.seconds,
) {
    private val exchange = Exchange(baseUrl, mapOf("Partner-Version" to "2026-05-01"), credentials, http, retries, timeout)

    /**
     * `GET /partner/v1/stock/{productId}`
     * Needs the scope `stock`.
     */
    suspend fun stock(productId: String): Answer<Stock, StockProblem> =
        exchange.ask(
            Call("GET", "/partner/v1/stock/{productId}", secured = true)
                .path("productId", productId),
            serializer<Stock>(),
            StockProblem::of,
        )

    companion object {
        /** The key of an application; `null` if there is none. */
        fun apiKey(key: suspend () -> String?): Credentials = Credentials {
            key()?.let { mapOf("x-api-key" to it) }.orEmpty()
        }
    }
}
