// Written by `frontdesk gen client kotlin` from the contract of `shop`. Changes are lost when it is written again.

package frontdesk.shop

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.encodeToJsonElement

/** One of several; [Other] is what this client does not know yet. */
@Serializable(with = BannerSerializer::class)
sealed interface Banner {
    data class Other(val json: JsonElement) : Banner
}

internal object BannerSerializer : ElementSerializer<Banner>("Banner") {
    override fun read(element: JsonElement, json: Json): Banner {
        if (element.isObject("kind", "take", "pay") && element.says("kind", "bundle")) json.tried<BannerBundle>(element)?.let { return it }
        if (element.isObject("kind", "percent") && element.says("kind", "offer")) json.tried<BannerOffer>(element)?.let { return it }
        return Banner.Other(element)
    }

    override fun write(value: Banner, json: Json): JsonElement {
        return when (value) {
            is BannerBundle -> json.encodeToJsonElement<BannerBundle>(value)
            is BannerOffer -> json.encodeToJsonElement<BannerOffer>(value)
            is Banner.Other -> value.json
        }
    }
}

@Serializable
data class Category(
    val name: String,
    val children: List<Category>,
)

/**
 * What the first screen shows.
 * It is the same for all.
 */
@Serializable
data class Home(
    val title: String,
    @Deprecated("Use title. Deprecated since 2026-05-01.")
    val headline: String,
    /** Since 5.1.0 of the client; older ones do not get it. */
    val greeting: String? = null,
    /** For versions of the client before 6.0.0; newer ones do not get it. */
    val hello: String? = null,
    /** For versions of the client from 5.0.0 to before 5.1.0; others do not get it. */
    val tip: String? = null,
    /** Missing, null or a stand-in when the answer does without `similar`. */
    val similar: List<Product>?,
    /** Missing, null or a stand-in when the answer does without `promotions` or `similar`. */
    val banners: List<Banner>,
    val tree: Category,
    val pages: Map<String, List<Product?>>,
    val at: HomeAt,
    val hero: HomeHero?,
    val matrix: List<List<Double?>>,
    val anything: JsonElement,
    val nothing: JsonElement,
    val size: HomeSize?,
)

@Serializable
data class Money(
    val amount: String,
    /** Format: `iso-4217`. */
    val currency: String,
)

@Serializable
data class Order(
    val state: OrderState,
    val confirmAt: String?,
)

@Serializable
data class Product(
    /** Pattern: `^[A-Z]{2}-[0-9]+$`. */
    val id: String,
    /** As it stands on the box. *&#47; alert(1) */
    val title: String,
    val price: Money,
    /**
     * From 0 to 5.
     * Example: `4.5`
     */
    val rating: Double,
    /** At most 4 items. */
    val tags: List<ProductTag>? = null,
    @SerialName("size-chart") val sizeChart: Boolean,
)

@Serializable
data class BannerOffer(
    /** Always `offer`. */
    val kind: String,
    /** From 1 to 100. */
    val percent: Long,
) : Banner

@Serializable
data class BannerBundle(
    /** Always `bundle`. */
    val kind: String,
    val take: Double,
    val pay: Double,
) : Banner

@Serializable(with = HomeAtSerializer::class)
data class HomeAt(val first: Double, val second: Double)

internal object HomeAtSerializer : ElementSerializer<HomeAt>("HomeAt") {
    override fun read(element: JsonElement, json: Json): HomeAt {
        return HomeAt(json.item(element, 0), json.item(element, 1))
    }

    override fun write(value: HomeAt, json: Json): JsonElement {
        return JsonArray(listOf(json.encodeToJsonElement(value.first), json.encodeToJsonElement(value.second)))
    }
}

@Serializable
data class HomeHero(
    /** Format: `uri`. */
    val image: String,
    val alt: String? = null,
)

/** One of several; [Other] is what this client does not know yet. */
@Serializable(with = HomeSizeSerializer::class)
sealed interface HomeSize {
    data class Decimal(val value: Double) : HomeSize

    data class Other(val json: JsonElement) : HomeSize
}

internal object HomeSizeSerializer : ElementSerializer<HomeSize>("HomeSize") {
    override fun read(element: JsonElement, json: Json): HomeSize {
        if (element.isText("small", "large")) json.tried<HomeSizeChoice>(element)?.let { return it }
        if (element.isNumber()) json.tried<Double>(element)?.let { return HomeSize.Decimal(it) }
        return HomeSize.Other(element)
    }

    override fun write(value: HomeSize, json: Json): JsonElement {
        return when (value) {
            is HomeSizeChoice -> json.encodeToJsonElement<HomeSizeChoice>(value)
            is HomeSize.Decimal -> json.encodeToJsonElement(value.value)
            is HomeSize.Other -> value.json
        }
    }
}

@Serializable(with = HomeSizeChoiceSerializer::class)
sealed interface HomeSizeChoice : Wire, HomeSize {
    data object Small : HomeSizeChoice {
        override val wire: String get() = "small"
    }

    data object Large : HomeSizeChoice {
        override val wire: String get() = "large"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : HomeSizeChoice

    companion object {
        fun of(wire: String): HomeSizeChoice = when (wire) {
            "small" -> Small
            "large" -> Large
            else -> Unknown(wire)
        }
    }
}

internal object HomeSizeChoiceSerializer : WireSerializer<HomeSizeChoice>("HomeSizeChoice", { HomeSizeChoice.of(it) })

@Serializable(with = OrderStateSerializer::class)
sealed interface OrderState : Wire {
    data object Placed : OrderState {
        override val wire: String get() = "placed"
    }

    data object Confirm : OrderState {
        override val wire: String get() = "confirm"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : OrderState

    companion object {
        fun of(wire: String): OrderState = when (wire) {
            "placed" -> Placed
            "confirm" -> Confirm
            else -> Unknown(wire)
        }
    }
}

internal object OrderStateSerializer : WireSerializer<OrderState>("OrderState", { OrderState.of(it) })

@Serializable(with = ProductTagSerializer::class)
sealed interface ProductTag : Wire {
    data object New : ProductTag {
        override val wire: String get() = "new"
    }

    data object Sale : ProductTag {
        override val wire: String get() = "sale"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : ProductTag

    companion object {
        fun of(wire: String): ProductTag = when (wire) {
            "new" -> New
            "sale" -> Sale
            else -> Unknown(wire)
        }
    }
}

internal object ProductTagSerializer : WireSerializer<ProductTag>("ProductTag", { ProductTag.of(it) })

@Serializable
data class PlaceOrderBody(
    /**
     * How it is paid.
     * From 1 to 64 characters.
     */
    val methodId: String,
    val note: Given<String?>? = null,
    val lines: List<PlaceOrderBodyLine>,
)

@Serializable
data class PlaceOrderBodyLine(
    val productId: String,
    /** At least 1. */
    val quantity: Long? = null,
)

@Serializable
data object SignOut
