// Written by `frontdesk gen client kotlin` from the contract of `shop`. Changes are lost when it is written again.

package frontdesk.shop

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.serialization.serializer

/**
 * What `ios` may ask of its BFF. Owner: team-ios.
 *
 * Cancelling the coroutine ends the request.
 *
 * @param baseUrl `https://bff.example.com`
 * @param clientVersion the version of the app; it decides which fields there are
 * @param timeout how long a call may take, all of its tries together
 */
class ShopClient(
    baseUrl: String,
    clientVersion: String,
    credentials: Credentials? = null,
    http: HttpSender = UrlConnectionSender(),
    retries: Retries = Retries(),
    timeout: Duration = 10.seconds,
) {
    private val exchange = Exchange(baseUrl, mapOf("X-Client-Version" to clientVersion), credentials, http, retries, timeout)

    /**
     * The first screen.
     *
     * `GET /v3/home`
     * The answer may have to do without `similar`, `promotions`.
     * @param rows From 1 to 12. If it is left out: `6`.
     * @param since Format: `date`.
     */
    suspend fun home(
        rows: Long? = null,
        tags: List<String>? = null,
        onlyNew: Boolean? = null,
        device: String? = null,
        since: String? = null,
    ): Answer<Home, HomeProblem> =
        exchange.ask(
            Call("GET", "/v3/home", secured = false)
                .query("rows", rows)
                .query("tags", tags)
                .query("onlyNew", onlyNew)
                .header("x-device", device)
                .query("since", since),
            serializer<Home>(),
            HomeProblem::of,
        )

    /** `GET /v2/home` */
    @Deprecated("Use GET /v3/home. The first screen has been made anew. Deprecated since 2026-05-01, gone from 2027-01-01 on.")
    suspend fun oldHome(): Answer<Home?, OldHomeProblem> =
        exchange.ask(
            Call("GET", "/v2/home", secured = true),
            serializer<Home?>(),
            OldHomeProblem::of,
        )

    /**
     * `GET /v3/products/{productId}`
     * Needs the scope `catalogue` and `shop`.
     * @param productId From 1 to 32 characters.
     */
    suspend fun product(productId: String): Answer<Product, ProductProblem> =
        exchange.ask(
            Call("GET", "/v3/products/{productId}", secured = true)
                .path("productId", productId),
            serializer<Product>(),
            ProductProblem::of,
        )

    /**
     * Holds the money, then books the delivery.
     *
     * `POST /v3/carts/{cartId}/order`
     * @param idempotencyKey new for each thing to be done; with it, a lost answer is asked for again
     */
    suspend fun placeOrder(
        cartId: String,
        body: PlaceOrderBody,
        idempotencyKey: String? = null,
    ): Answer<Order, PlaceOrderProblem> =
        exchange.ask(
            Call("POST", "/v3/carts/{cartId}/order", secured = true)
                .path("cartId", cartId)
                .json(body)
                .header("Idempotency-Key", idempotencyKey),
            serializer<Order>(),
            PlaceOrderProblem::of,
        )

    /**
     * Asked twice with one key, pays once.
     *
     * `POST /v3/orders/{orderId}/payments`
     * @param idempotencyKey new for each thing to be done; with it, a lost answer is asked for again
     */
    suspend fun payOrder(orderId: String, idempotencyKey: String): Answer<Order, PayOrderProblem> =
        exchange.ask(
            Call("POST", "/v3/orders/{orderId}/payments", secured = true)
                .path("orderId", orderId)
                .header("Idempotency-Key", idempotencyKey),
            serializer<Order>(),
            PayOrderProblem::of,
        )

    /**
     * `DELETE /v3/devices`
     * @param idempotencyKey new for each thing to be done; with it, a lost answer is asked for again
     */
    suspend fun signOut(idempotencyKey: String? = null): Answer<SignOut, SignOutProblem> =
        exchange.ask(
            Call("DELETE", "/v3/devices", secured = true)
                .header("Idempotency-Key", idempotencyKey),
            serializer<SignOut>(),
            SignOutProblem::of,
        )

    companion object {
        /** An access token in `Authorization`: see [BearerCredentials]. */
        fun bearer(token: suspend (rejected: String?) -> String?): Credentials = BearerCredentials(token)
    }
}
