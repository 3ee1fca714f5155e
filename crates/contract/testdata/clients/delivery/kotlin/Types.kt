// Written by `frontdesk gen client kotlin` from the contract of `delivery`. Changes are lost when it is written again.

package frontdesk.delivery

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.encodeToJsonElement

@Serializable(with = ColourSerializer::class)
sealed interface Colour : Wire, EverythingAny {
    data object Red : Colour {
        override val wire: String get() = "red"
    }

    data object None : Colour {
        override val wire: String get() = "none"
    }

    data object Unknown2 : Colour {
        override val wire: String get() = "unknown"
    }

    data object Some : Colour {
        override val wire: String get() = "some"
    }

    data object Default : Colour {
        override val wire: String get() = "Default"
    }

    data object Default2 : Colour {
        override val wire: String get() = "default"
    }

    data object _1st : Colour {
        override val wire: String get() = "1st"
    }

    data object Empty : Colour {
        override val wire: String get() = "*"
    }

    data object Self : Colour {
        override val wire: String get() = "self"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : Colour

    companion object {
        fun of(wire: String): Colour = when (wire) {
            "red" -> Red
            "none" -> None
            "unknown" -> Unknown2
            "some" -> Some
            "Default" -> Default
            "default" -> Default2
            "1st" -> _1st
            "*" -> Empty
            "self" -> Self
            else -> Unknown(wire)
        }
    }
}

internal object ColourSerializer : WireSerializer<Colour>("Colour", { Colour.of(it) })

@Serializable
data class Depot(
    val near: Region? = null,
    val name: String,
)

@Serializable
data class Everything(
    val whole: Long,
    val decimal: Double,
    val flag: Boolean,
    /** Format: `date-time`. */
    val text: String,
    /** One of `1`, `2`. */
    val numbered: Long,
    /** One of `0.5`, `1`. */
    val halves: Double,
    /** One of `true`. */
    val yes: Boolean,
    val maybe: EverythingMaybe?,
    val none: JsonElement? = null,
    val nullable: String?,
    val missing: String? = null,
    val both: String? = null,
    /**
     * For versions of the client from 2.1.0 to before 3.0.0; others do not get it.
     * Missing, null or a stand-in when the answer does without `weather`.
     */
    @Deprecated("Use both. It says \"less\" than \$both. Deprecated since 2026-05-01, may be gone from 2027-01-01 on.")
    val all: String? = null,
    val counts: Map<String, Long?>,
    val maps: Map<String, Map<String, Step>>,
    val open: EverythingOpen,
    val empty: EverythingEmpty,
    val forest: Forest,
    val step: Step,
    val depot: Depot,
    val point: PointOrNull?,
    val points: List<PointOrNull?>,
    val nothing: EverythingNothing,
    val twins: String?,
    val one: Depot?,
    val any: EverythingAny?,
)

typealias Forest = List<JsonElement>

@OptIn(ExperimentalSerializationApi::class)
@Serializable
data class Letter(
    /** Always `letter`. */
    @EncodeDefault val type: String = "letter",
    val registered: Boolean? = null,
) : Step

@Serializable
data class ListValue(
    val list: List<ListValue>? = null,
)

@Serializable
data class Names(
    val `class`: String,
    val `in`: String,
    val default: String,
    val self: String,
    @SerialName("Type") val type: String,
    val init: String,
    val `object`: String,
    val `fun`: String,
    val `val`: String,
    val `var`: String,
    val func: String,
    val let: String,
    val nil: String,
    val `null`: String,
    val `true`: String,
    val `when`: String,
    val where: String,
    val `is`: String,
    val `as`: String,
    val protocol: String,
    val extension: String,
    val `typealias`: String,
    val hashValue: String,
    val hashCode: String,
    val toString: String,
    val copy: String,
    val component1: String,
    val equals: String,
    val getClass: String,
    val encode: String,
    val rawValue: String,
    val description: String,
    @SerialName("CodingKeys") val codingKeys: String,
    @SerialName("Companion") val companion: String,
    val serializer: String,
    val it: String,
    val value: String,
    val json: String,
    val more: String,
    @SerialName("_") val field2: String,
    @SerialName("__") val field3: String,
    @SerialName("\$") val field4: String,
    @SerialName("x-y") val xY2: String,
    val xY: String,
    @SerialName("x_y") val xY3: String,
    @SerialName("1st") val _1st: String,
    val ünïcode: String,
    @SerialName("a.b") val aB: String,
    val 任务: String,
    @SerialName("Self") val self2: String,
    @SerialName("Any") val any2: String,
    val any: String,
    val some: String,
    val await: String,
    val throws: String,
    val inout: String,
    val operator: String,
    val repeat: String,
    val `super`: String,
    val `this`: String,
    val suspend: String,
    val open: String,
    val data: String,
    val by: String,
    val get: String,
    val set: String,
    val field: String,
    @SerialName("String") val string: String,
    @SerialName("Int") val int: String,
    val `typeof`: String,
    val actual: String,
    val async: String,
    val actor: String,
)

@OptIn(ExperimentalSerializationApi::class)
@Serializable
data class Parcel(
    /** Always `parcel`. */
    @EncodeDefault val type: String = "parcel",
    val weight: Double,
) : Step

@OptIn(ExperimentalSerializationApi::class)
@Serializable
data class Patch(
    /** Always `patch`. */
    @EncodeDefault val kind: String = "patch",
    val required: String,
    val cleared: String?,
    val left: String? = null,
    val either: Given<String?>? = null,
    val colour: Given<Colour?>? = null,
    /** At least 1 item. */
    val limits: List<Double?>? = null,
    val open: PatchOpen? = null,
    val step: Step? = null,
    val point: Point? = null,
)

@Serializable(with = PointSerializer::class)
data class Point(val first: Double, val second: Double?, val third: Colour) : EverythingAny

internal object PointSerializer : ElementSerializer<Point>("Point") {
    override fun read(element: JsonElement, json: Json): Point {
        return Point(json.item(element, 0), json.item(element, 1), json.item(element, 2))
    }

    override fun write(value: Point, json: Json): JsonElement {
        return JsonArray(listOf(json.encodeToJsonElement(value.first), json.encodeToJsonElement(value.second), json.encodeToJsonElement(value.third)))
    }
}

typealias PointOrNull = Point

@Serializable
data class Region(
    val main: Depot?,
)

/** One of several; [Other] is what this client does not know yet. */
@Serializable(with = StepSerializer::class)
sealed interface Step {
    data class Items(val value: List<Step>) : Step

    data class Other(val json: JsonElement) : Step
}

internal object StepSerializer : ElementSerializer<Step>("Step") {
    override fun read(element: JsonElement, json: Json): Step {
        if (element.isObject("type", "weight") && element.says("type", "parcel")) json.tried<Parcel>(element)?.let { return it }
        if (element.isObject("type", "then") && element.says("type", "both")) json.tried<StepBoth>(element)?.let { return it }
        if (element.isObject("type") && element.says("type", "letter")) json.tried<Letter>(element)?.let { return it }
        if (element is JsonArray) json.tried<List<Step>>(element)?.let { return Step.Items(it) }
        return Step.Other(element)
    }

    override fun write(value: Step, json: Json): JsonElement {
        return when (value) {
            is Parcel -> json.encodeToJsonElement<Parcel>(value)
            is StepBoth -> json.encodeToJsonElement<StepBoth>(value)
            is Letter -> json.encodeToJsonElement<Letter>(value)
            is Step.Items -> json.encodeToJsonElement(value.value)
            is Step.Other -> value.json
        }
    }
}

@Serializable
data class Track(
    val taken: Boolean,
)

@Serializable
data class Type(
    @SerialName("Type") val type: Colour,
)

@Serializable(with = EverythingMaybeSerializer::class)
sealed interface EverythingMaybe : Wire {
    data object A : EverythingMaybe {
        override val wire: String get() = "a"
    }

    data object B : EverythingMaybe {
        override val wire: String get() = "b"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : EverythingMaybe

    companion object {
        fun of(wire: String): EverythingMaybe = when (wire) {
            "a" -> A
            "b" -> B
            else -> Unknown(wire)
        }
    }
}

internal object EverythingMaybeSerializer : WireSerializer<EverythingMaybe>("EverythingMaybe", { EverythingMaybe.of(it) })

@Serializable(with = EverythingOpenSerializer::class)
data class EverythingOpen(
    val id: String,
    val n: Double? = null,
    /** Everything else, by its key. */
    val more: Map<String, Double> = emptyMap(),
)

internal object EverythingOpenSerializer : ElementSerializer<EverythingOpen>("EverythingOpen") {
    override fun read(element: JsonElement, json: Json): EverythingOpen {
        return EverythingOpen(
            id = json.member(element, "id"),
            n = json.member(element, "n"),
            more = json.others<Double>(element, "id", "n"),
        )
    }

    override fun write(value: EverythingOpen, json: Json): JsonElement {
        val members = mutableMapOf<String, JsonElement>()
        members["id"] = json.encodeToJsonElement(value.id)
        value.n?.let { members["n"] = json.encodeToJsonElement(it) }
        value.more.mapValuesTo(members) { (_, other) -> json.encodeToJsonElement(other) }
        return JsonObject(members)
    }
}

@Serializable
data object EverythingEmpty

@Serializable(with = EverythingNothingSerializer::class)
data object EverythingNothing

internal object EverythingNothingSerializer : ElementSerializer<EverythingNothing>("EverythingNothing") {
    override fun read(element: JsonElement, json: Json): EverythingNothing {
        if (element !is JsonArray) throw SerializationException("not an array")
        return EverythingNothing
    }

    override fun write(value: EverythingNothing, json: Json): JsonElement {
        return JsonArray(listOf())
    }
}

/** One of several; [Other] is what this client does not know yet. */
@Serializable(with = EverythingAnySerializer::class)
sealed interface EverythingAny {
    data class Whole(val value: Long) : EverythingAny

    data class Entries(val value: Map<String, Double>) : EverythingAny

    data class Text(val value: String) : EverythingAny

    data class Decimal(val value: Double) : EverythingAny

    data class Flag(val value: Boolean) : EverythingAny

    data class Items(val value: List<String>) : EverythingAny

    data class Other(val json: JsonElement) : EverythingAny
}

internal object EverythingAnySerializer : ElementSerializer<EverythingAny>("EverythingAny") {
    override fun read(element: JsonElement, json: Json): EverythingAny {
        if (element.isObject("tight")) json.tried<EverythingAny2>(element)?.let { return it }
        if (element.isObject()) json.tried<EverythingAny1>(element)?.let { return it }
        if (element.isInteger()) json.tried<Long>(element)?.let { return EverythingAny.Whole(it) }
        if (element.isObject()) json.tried<Map<String, Double>>(element)?.let { return EverythingAny.Entries(it) }
        if (element.isText("red", "none", "unknown", "some", "Default", "default", "1st", "*", "self")) json.tried<Colour>(element)?.let { return it }
        if (element.isText()) json.tried<String>(element)?.let { return EverythingAny.Text(it) }
        if (element.isNumber()) json.tried<Double>(element)?.let { return EverythingAny.Decimal(it) }
        if (element.isBoolean()) json.tried<Boolean>(element)?.let { return EverythingAny.Flag(it) }
        if (element is JsonArray) json.tried<List<String>>(element)?.let { return EverythingAny.Items(it) }
        if (element is JsonArray) json.tried<Point>(element)?.let { return it }
        return EverythingAny.Other(element)
    }

    override fun write(value: EverythingAny, json: Json): JsonElement {
        return when (value) {
            is EverythingAny2 -> json.encodeToJsonElement<EverythingAny2>(value)
            is EverythingAny1 -> json.encodeToJsonElement<EverythingAny1>(value)
            is EverythingAny.Whole -> json.encodeToJsonElement(value.value)
            is EverythingAny.Entries -> json.encodeToJsonElement(value.value)
            is Colour -> json.encodeToJsonElement<Colour>(value)
            is EverythingAny.Text -> json.encodeToJsonElement(value.value)
            is EverythingAny.Decimal -> json.encodeToJsonElement(value.value)
            is EverythingAny.Flag -> json.encodeToJsonElement(value.value)
            is EverythingAny.Items -> json.encodeToJsonElement(value.value)
            is Point -> json.encodeToJsonElement<Point>(value)
            is EverythingAny.Other -> value.json
        }
    }
}

@Serializable
data class EverythingAny1(
    val loose: String? = null,
) : EverythingAny

@Serializable
data class EverythingAny2(
    val tight: String,
    val loose: String? = null,
) : EverythingAny

@Serializable(with = PatchOpenSerializer::class)
data class PatchOpen(
    val aB: String?,
    val c: Given<String?>? = null,
    /** Everything else, by its key. */
    val more: Map<String, String> = emptyMap(),
)

internal object PatchOpenSerializer : ElementSerializer<PatchOpen>("PatchOpen") {
    override fun read(element: JsonElement, json: Json): PatchOpen {
        return PatchOpen(
            aB = json.member(element, "a-b"),
            c = json.member(element, "c"),
            more = json.others<String>(element, "a-b", "c"),
        )
    }

    override fun write(value: PatchOpen, json: Json): JsonElement {
        val members = mutableMapOf<String, JsonElement>()
        members["a-b"] = json.encodeToJsonElement(value.aB)
        value.c?.let { members["c"] = json.encodeToJsonElement(it.value) }
        value.more.mapValuesTo(members) { (_, other) -> json.encodeToJsonElement(other) }
        return JsonObject(members)
    }
}

@OptIn(ExperimentalSerializationApi::class)
@Serializable
data class StepBoth(
    /** Always `both`. */
    @EncodeDefault val type: String = "both",
    val then: Step,
) : Step

@Serializable(with = TrackExchangeSerializer::class)
sealed interface TrackExchange : Wire {
    data object AB : TrackExchange {
        override val wire: String get() = "a&b"
    }

    data object CD : TrackExchange {
        override val wire: String get() = "c d"
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : TrackExchange

    companion object {
        fun of(wire: String): TrackExchange = when (wire) {
            "a&b" -> AB
            "c d" -> CD
            else -> Unknown(wire)
        }
    }
}

internal object TrackExchangeSerializer : WireSerializer<TrackExchange>("TrackExchange", { TrackExchange.of(it) })
