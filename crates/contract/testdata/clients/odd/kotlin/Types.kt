// Written by `frontdesk gen client kotlin` from the contract of `odd-one.2`. Changes are lost when it is written again.

package frontdesk.oddone2

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.encodeToJsonElement

typealias Data = List<DataItem?>

typealias Loop = JsonElement

@Serializable
data class ProblemValue(
    /** One of `"1st"`, `2`, `true`, `null`, `"new-ish"`. */
    val `when`: JsonElement,
    @SerialName("with space") val withSpace: String,
    val type: String,
)

@Serializable
data class Promise(
    val id: String,
    val `class`: String,
    @SerialName("2nd") val _2nd: Double? = null,
)

typealias StringValue = String

@Serializable
data class ThenInput(
    @SerialName("\$value") val value: String,
    val ünïcode: String,
)

@Serializable(with = ClassSerializer::class)
data class Class(
    val id: String,
    val self: Class? = null,
    /** Everything else, by its key. */
    val more: Map<String, Double> = emptyMap(),
)

internal object ClassSerializer : ElementSerializer<Class>("Class") {
    override fun read(element: JsonElement, json: Json): Class {
        return Class(
            id = json.member(element, "id"),
            self = json.member(element, "self"),
            more = json.others<Double>(element, "id", "self"),
        )
    }

    override fun write(value: Class, json: Json): JsonElement {
        val members = mutableMapOf<String, JsonElement>()
        members["id"] = json.encodeToJsonElement(value.id)
        value.self?.let { members["self"] = json.encodeToJsonElement(it) }
        value.more.mapValuesTo(members) { (_, other) -> json.encodeToJsonElement(other) }
        return JsonObject(members)
    }
}

@Serializable
data class ThenInput2(
    @SerialName("__proto__") val proto: String,
)

/** One of several; [Other] is what this client does not know yet. */
@Serializable(with = DataItemSerializer::class)
sealed interface DataItem {
    data class Text(val value: String) : DataItem

    data class Items(val value: List<Double>) : DataItem

    data class Other(val json: JsonElement) : DataItem
}

internal object DataItemSerializer : ElementSerializer<DataItem>("DataItem") {
    override fun read(element: JsonElement, json: Json): DataItem {
        if (element.isText()) json.tried<String>(element)?.let { return DataItem.Text(it) }
        if (element is JsonArray) json.tried<List<Double>>(element)?.let { return DataItem.Items(it) }
        return DataItem.Other(element)
    }

    override fun write(value: DataItem, json: Json): JsonElement {
        return when (value) {
            is DataItem.Text -> json.encodeToJsonElement(value.value)
            is DataItem.Items -> json.encodeToJsonElement(value.value)
            is DataItem.Other -> value.json
        }
    }
}

@Serializable(with = ConstructorInSerializer::class)
sealed interface ConstructorIn : Wire {
    data object AB : ConstructorIn {
        override val wire: String get() = "a b"
    }

    data object CD : ConstructorIn {
        override val wire: String get() = "c\"d"
    }

    data object Empty : ConstructorIn {
        override val wire: String get() = ""
    }

    /** A value that this client does not know yet. */
    data class Unknown(override val wire: String) : ConstructorIn

    companion object {
        fun of(wire: String): ConstructorIn = when (wire) {
            "a b" -> AB
            "c\"d" -> CD
            "" -> Empty
            else -> Unknown(wire)
        }
    }
}

internal object ConstructorInSerializer : WireSerializer<ConstructorIn>("ConstructorIn", { ConstructorIn.of(it) })

@Serializable
data class ConstructorFilter(
    val deep: List<Double>,
)
