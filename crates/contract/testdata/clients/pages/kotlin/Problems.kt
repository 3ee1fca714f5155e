// Written by `frontdesk gen client kotlin` from the contract of `web`. Changes are lost when it is written again.

package frontdesk.web

/** Why `orders` may be refused. */
sealed interface OrdersProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : OrdersProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : OrdersProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : OrdersProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : OrdersProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : OrdersProblem

    companion object {
        fun of(details: ProblemDetails): OrdersProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}
