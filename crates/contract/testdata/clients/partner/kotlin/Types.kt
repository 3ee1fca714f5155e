// Written by `frontdesk gen client kotlin` from the contract of `partner`. Changes are lost when it is written again.

package frontdesk.partner

import kotlinx.serialization.Serializable

@Serializable
data class Stock(
    val available: Boolean,
    val pieces: Long,
)
