// Written by `frontdesk gen client kotlin` from the contract of `delivery`. Changes are lost when it is written again.

package frontdesk.delivery

/** Why `track` may be refused. */
sealed interface TrackProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : TrackProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : TrackProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : TrackProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : TrackProblem

    /** 404 `gone_away`: *&#47; It's $gone \(away) */
    data class GoneAway(override val details: ProblemDetails) : TrackProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : TrackProblem

    companion object {
        fun of(details: ProblemDetails): TrackProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            "gone_away" -> GoneAway(details)
            else -> Unknown(details)
        }
    }
}

/** Why `change` may be refused. */
sealed interface ChangeProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : ChangeProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : ChangeProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : ChangeProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : ChangeProblem

    /** 409 `gone_away`: *&#47; It's $gone \(away) */
    data class GoneAway(override val details: ProblemDetails) : ChangeProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : ChangeProblem

    companion object {
        fun of(details: ProblemDetails): ChangeProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            "gone_away" -> GoneAway(details)
            else -> Unknown(details)
        }
    }
}

/** Why `names` may be refused. */
sealed interface NamesProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : NamesProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : NamesProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : NamesProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : NamesProblem

    /** 404 `1st`: *&#47; It's $gone \(away) */
    data class _1st(override val details: ProblemDetails) : NamesProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : NamesProblem

    companion object {
        fun of(details: ProblemDetails): NamesProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            "1st" -> _1st(details)
            else -> Unknown(details)
        }
    }
}

/** Why `where` may be refused. */
sealed interface WhereProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : WhereProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : WhereProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : WhereProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : WhereProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : WhereProblem

    companion object {
        fun of(details: ProblemDetails): WhereProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}

/** Why `class` may be refused. */
sealed interface ClassProblem : Problem {
    /** 400 `invalid_input` */
    data class InvalidInput(override val details: ProblemDetails) : ClassProblem

    /** 401 `login_required` */
    data class LoginRequired(override val details: ProblemDetails) : ClassProblem

    /** 503 `service_unavailable` */
    data class ServiceUnavailable(override val details: ProblemDetails) : ClassProblem

    /** 504 `deadline_exceeded` */
    data class DeadlineExceeded(override val details: ProblemDetails) : ClassProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : ClassProblem

    companion object {
        fun of(details: ProblemDetails): ClassProblem = when (details.code) {
            "invalid_input" -> InvalidInput(details)
            "login_required" -> LoginRequired(details)
            "service_unavailable" -> ServiceUnavailable(details)
            "deadline_exceeded" -> DeadlineExceeded(details)
            else -> Unknown(details)
        }
    }
}
