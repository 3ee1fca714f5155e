// Written by `frontdesk gen client kotlin` from the contract of `shop`. Changes are lost when it is written again.

package frontdesk.shop

/** Why `home` may be refused. */
sealed interface HomeProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : HomeProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : HomeProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : HomeProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : HomeProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : HomeProblem

    companion object {
        fun of(details: ProblemDetails): HomeProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}

/** Why `oldHome` may be refused. */
sealed interface OldHomeProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : OldHomeProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : OldHomeProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : OldHomeProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : OldHomeProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : OldHomeProblem

    companion object {
        fun of(details: ProblemDetails): OldHomeProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}

/** Why `product` may be refused. */
sealed interface ProductProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : ProductProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : ProductProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : ProductProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : ProductProblem

    /** 404 `product_not_found`: There is no such product */
    data class ProductNotFound(override val details: ProblemDetails) : ProductProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : ProductProblem

    companion object {
        fun of(details: ProblemDetails): ProductProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            "product_not_found" -> ProductNotFound(details)
            else -> Unknown(details)
        }
    }
}

/** Why `placeOrder` may be refused. */
sealed interface PlaceOrderProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : PlaceOrderProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : PlaceOrderProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : PlaceOrderProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : PlaceOrderProblem

    /** 409 `cart_empty`: The cart is empty */
    data class CartEmpty(override val details: ProblemDetails) : PlaceOrderProblem

    /** 422 `payment_declined` */
    data class PaymentDeclined(override val details: ProblemDetails) : PlaceOrderProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : PlaceOrderProblem

    companion object {
        fun of(details: ProblemDetails): PlaceOrderProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            "cart_empty" -> CartEmpty(details)
            "payment_declined" -> PaymentDeclined(details)
            else -> Unknown(details)
        }
    }
}

/** Why `payOrder` may be refused. */
sealed interface PayOrderProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : PayOrderProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : PayOrderProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : PayOrderProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : PayOrderProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : PayOrderProblem

    companion object {
        fun of(details: ProblemDetails): PayOrderProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}

/** Why `signOut` may be refused. */
sealed interface SignOutProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : SignOutProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : SignOutProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : SignOutProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : SignOutProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : SignOutProblem

    companion object {
        fun of(details: ProblemDetails): SignOutProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}
