// Written by `frontdesk gen client kotlin` from the contract of `web`. Changes are lost when it is written again.

package frontdesk.web

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.serializer

/**
 * What `web` may ask of its BFF.
 *
 * Cancelling the coroutine ends the request.
 *
 * @param baseUrl `https://bff.example.com`
 * @param timeout how long a call may take, all of its tries together
 */
class WebClient(
    baseUrl: String,
    credentials: Credentials? = null,
    http: HttpSender = UrlConnectionSender(),
    retries: Retries = Retries(),
    timeout: Duration = 10.seconds,
) {
    private val exchange = Exchange(baseUrl, emptyMap(), credentials, http, retries, timeout)

    /** `GET /orders` */
    suspend fun orders(): Answer<List<String>, OrdersProblem> =
        exchange.ask(
            Call("GET", "/orders", secured = true),
            serializer<List<String>>(),
            OrdersProblem::of,
        )

    companion object {
        /** The key of an application; `null` if there is none. */
        fun apiKey(key: suspend () -> String?): Credentials = Credentials {
            key()?.let { mapOf("authorization" to it) }.orEmpty()
        }

        /** An access token in `Authorization`: see [BearerCredentials]. */
        fun bearer(token: suspend (rejected: String?) -> String?): Credentials = BearerCredentials(token)

        /** A session whose cookie the sender of requests keeps. */
        fun session(): Credentials = Credentials { mapOf("x-frontdesk" to "1") }
    }
}
