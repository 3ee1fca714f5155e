// Written by `frontdesk gen client kotlin` from the contract of `odd-one.2`. Changes are lost when it is written again.

package frontdesk.oddone2

/** Why `constructor` may be refused. */
sealed interface ConstructorProblem : Problem {
    /** 404 `unknown` */
    data class Unknown2(override val details: ProblemDetails) : ConstructorProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : ConstructorProblem

    companion object {
        fun of(details: ProblemDetails): ConstructorProblem = when (details.code) {
            "unknown" -> Unknown2(details)
            else -> Unknown(details)
        }
    }
}

/** Why `then` may be refused. */
sealed interface ThenProblem : Problem {
    /** 404 `unknown` */
    data class Unknown2(override val details: ProblemDetails) : ThenProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : ThenProblem

    companion object {
        fun of(details: ProblemDetails): ThenProblem = when (details.code) {
            "unknown" -> Unknown2(details)
            else -> Unknown(details)
        }
    }
}

/** Why `default` may be refused. */
sealed interface DefaultProblem : Problem {
    /** 404 `unknown` */
    data class Unknown2(override val details: ProblemDetails) : DefaultProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : DefaultProblem

    companion object {
        fun of(details: ProblemDetails): DefaultProblem = when (details.code) {
            "unknown" -> Unknown2(details)
            else -> Unknown(details)
        }
    }
}

/** Why `delete` may be refused. */
sealed interface DeleteProblem : Problem {
    /** 404 `unknown` */
    data class Unknown2(override val details: ProblemDetails) : DeleteProblem

    /** A code that this client does not know yet. */
    data class Unknown(override val details: ProblemDetails) : DeleteProblem

    companion object {
        fun of(details: ProblemDetails): DeleteProblem = when (details.code) {
            "unknown" -> Unknown2(details)
            else -> Unknown(details)
        }
    }
}
