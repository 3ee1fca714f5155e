// Written by `frontdesk gen client kotlin` from the contract of `delivery`. Changes are lost when it is written again.

package frontdesk.delivery

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.serializer
import kotlinx.serialization.json.JsonElement

/**
 * What `android` may ask of its BFF. Owner: team-delivery.
 *
 * Cancelling the coroutine ends the request.
 *
 * @param baseUrl `https://bff.example.com`
 * @param clientVersion the version of the app; it decides which fields there are
 * @param timeout how long a call may take, all of its tries together
 */
class DeliveryClient(
    baseUrl: String,
    clientVersion: String,
    credentials: Credentials? = null,
    http: HttpSender = UrlConnectionSender(),
    retries: Retries = Retries(),
    timeout: Duration = 10.seconds,
) {
    private val exchange = Exchange(baseUrl, mapOf("X-Client-Version" to clientVersion), credentials, http, retries, timeout)

    /**
     * Where a delivery is.
     *
     * `GET /deliveries/{id}/legs/{leg.no}`
     * The answer may have to do without `weather`.
     * @param id At least 1.
     */
    suspend fun track(
        id: Long,
        legNo: Double,
        `in`: Colour,
        colours: List<Colour>? = null,
        call: Boolean? = null,
        exchange: TrackExchange? = null,
        numbers: List<Long>? = null,
    ): Answer<Everything, TrackProblem> =
        this.exchange.ask(
            Call("GET", "/deliveries/{id}/legs/{leg.no}", secured = true)
                .path("id", id)
                .path("leg.no", legNo)
                .query("in", `in`)
                .query("colours", colours)
                .header("x-call", call)
                .query("exchange", exchange)
                .query("numbers", numbers),
            serializer<Everything>(),
            TrackProblem::of,
        )

    /** `PATCH /deliveries/{id}` */
    suspend fun change(id: String, idempotencyKey: String, body: Patch): Answer<Patch, ChangeProblem> =
        exchange.ask(
            Call("PATCH", "/deliveries/{id}", secured = true)
                .path("id", id)
                .header("Idempotency-Key", idempotencyKey)
                .json(body),
            serializer<Patch>(),
            ChangeProblem::of,
        )

    /** `GET /names` */
    suspend fun names(): Answer<Names, NamesProblem> =
        exchange.ask(
            Call("GET", "/names", secured = true),
            serializer<Names>(),
            NamesProblem::of,
        )

    /** `GET /where` */
    suspend fun where(): Answer<PointOrNull?, WhereProblem> =
        exchange.ask(
            Call("GET", "/where", secured = true),
            serializer<PointOrNull?>(),
            WhereProblem::of,
        )

    /** `GET /class` */
    suspend fun `class`(): Answer<JsonElement, ClassProblem> =
        exchange.ask(
            Call("GET", "/class", secured = true),
            serializer<JsonElement>(),
            ClassProblem::of,
        )

    companion object {
        /** An access token in `Authorization`: see [BearerCredentials]. */
        fun bearer(token: suspend (rejected: String?) -> String?): Credentials = BearerCredentials(token)
    }
}
