// Written by `frontdesk gen client kotlin` from the contract of `odd-one.2`. Changes are lost when it is written again.

package frontdesk.oddone2

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.serializer
import kotlinx.serialization.json.JsonElement

/**
 * What `odd` may ask of its BFF.
 *
 * Cancelling the coroutine ends the request.
 *
 * @param baseUrl `https://bff.example.com`
 * @param timeout how long a call may take, all of its tries together
 */
class OddOne2Client(
    baseUrl: String,
    credentials: Credentials? = null,
    http: HttpSender = UrlConnectionSender(),
    retries: Retries = Retries(),
    timeout: Duration = 10.seconds,
) {
    private val exchange = Exchange(baseUrl, emptyMap(), credentials, http, retries, timeout)

    /**
     * Ends the comment: *&#47; and goes on.
     *
     * `PUT /odd/{id}`
     * The answer may have to do without `*_gr__e`.
     * @param idempotencyKey new for each thing to be done; with it, a lost answer is asked for again
     */
    suspend fun constructor(
        id: String,
        `in`: ConstructorIn? = null,
        xList: List<String>? = null,
        filter: String? = null,
        body: Promise? = null,
        idempotencyKey: String? = null,
    ): Answer<ProblemValue, ConstructorProblem> =
        exchange.ask(
            Call("PUT", "/odd/{id}", secured = true)
                .path("id", id)
                .query("in", `in`)
                .header("x-list", xList)
                .query("filter", filter)
                .json(body)
                .header("Idempotency-Key", idempotencyKey),
            serializer<ProblemValue>(),
            ConstructorProblem::of,
        )

    /** `GET /odd/then` */
    suspend fun then(): Answer<Class, ThenProblem> =
        exchange.ask(
            Call("GET", "/odd/then", secured = true),
            serializer<Class>(),
            ThenProblem::of,
        )

    /** `GET /odd/default` */
    suspend fun default(): Answer<JsonElement, DefaultProblem> =
        exchange.ask(
            Call("GET", "/odd/default", secured = true),
            serializer<JsonElement>(),
            DefaultProblem::of,
        )

    /**
     * `DELETE /odd/delete`
     * @param idempotencyKey new for each thing to be done; with it, a lost answer is asked for again
     */
    suspend fun delete(idempotencyKey: String? = null): Answer<Loop, DeleteProblem> =
        exchange.ask(
            Call("DELETE", "/odd/delete", secured = true)
                .header("Idempotency-Key", idempotencyKey),
            serializer<Loop>(),
            DeleteProblem::of,
        )
}
