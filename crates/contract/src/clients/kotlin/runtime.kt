import java.io.IOException
import java.net.HttpURLConnection
import java.net.SocketTimeoutException
import java.net.URL
import java.net.URLEncoder
import kotlin.math.min
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.buildClassSerialDescriptor
import kotlinx.serialization.encodeToString
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonDecoder
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonEncoder
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.decodeFromJsonElement
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.intOrNull
import kotlinx.serialization.json.longOrNull

// What came back.

/** What an operation answers: its value, a problem that the contract knows, or nothing that could be read. */
sealed interface Answer<out T, out P : Problem> {
    /**
     * @property degraded the calls that this answer does without; empty if it is whole
     * @property headers by their names in lower case
     */
    data class Success<out T>(
        val value: T,
        val degraded: List<Degraded> = emptyList(),
        val headers: Map<String, String> = emptyMap(),
    ) : Answer<T, Nothing>

    /** The BFF said no, and why. */
    data class Refused<out P : Problem>(val problem: P) : Answer<Nothing, P>

    /** No answer came, or none that can be read. */
    data class Failed(val cause: Exception) : Answer<Nothing, Nothing>

    fun valueOrNull(): T? = (this as? Success)?.value

    /** @throws ProblemException if the BFF refused; whatever went wrong if nothing came */
    fun valueOrThrow(): T = when (this) {
        is Success -> value
        is Refused -> throw ProblemException(problem)
        is Failed -> throw cause
    }
}

/** A call that an answer does without: `reason` is `timeout`, `error`, `malformed`, `open` or `shed`. */
data class Degraded(val call: String, val reason: String)

/** Why the BFF said no (RFC 9457). Each operation has a closed set of them, and `Unknown` for those of a newer BFF. */
interface Problem {
    val details: ProblemDetails

    val code: String get() = details.code
    val status: Int get() = details.status
}

/**
 * @property code stable; `unknown` if whoever answered was not the BFF
 * @property errors what is wrong with the input, place by place
 * @property retryAfter when it may be worth while to ask again
 * @property members everything that the problem says
 */
data class ProblemDetails(
    val status: Int,
    val code: String,
    val title: String? = null,
    val detail: String? = null,
    val correlationId: String? = null,
    val errors: List<InputProblem> = emptyList(),
    val retryAfter: Duration? = null,
    val members: JsonObject = JsonObject(emptyMap()),
)

/** @property pointer RFC 6901 */
@Serializable
data class InputProblem(val pointer: String = "", val code: String = "", val detail: String = "")

class ProblemException(val problem: Problem) : Exception("${problem.status} ${problem.code}")

// What goes out.

/** How requests get out. Implement it with OkHttp, Ktor, Cronet; [UrlConnectionSender] needs nothing. */
fun interface HttpSender {
    /** Any status is an answer. Cancelling the coroutine ends the exchange. */
    suspend fun send(request: HttpRequest): HttpAnswer
}

class HttpRequest(
    val method: String,
    val url: String,
    val headers: Map<String, String>,
    val body: ByteArray? = null,
)

/** [headers] may have names in any case; lines of one name are joined with `, `. */
class HttpAnswer(val status: Int, headers: Map<String, String>, val body: ByteArray) {
    val headers: Map<String, String> = headers.mapKeys { (name, _) -> name.lowercase() }
}

/** On `HttpURLConnection`, the one that is everywhere. (Outside Android it cannot send `PATCH`.) */
class UrlConnectionSender(
    private val connectTimeout: Duration = 10.seconds,
    private val readTimeout: Duration = 30.seconds,
) : HttpSender {
    override suspend fun send(request: HttpRequest): HttpAnswer = suspendCancellableCoroutine { waiting ->
        val connection = try {
            @Suppress("DEPRECATION") // What replaces it in Java is not on older Androids.
            URL(request.url).openConnection() as HttpURLConnection
        } catch (malformed: IOException) {
            waiting.resumeWith(Result.failure(malformed))
            return@suspendCancellableCoroutine
        }
        waiting.invokeOnCancellation { connection.disconnect() }
        Dispatchers.IO.dispatch(waiting.context) {
            waiting.resumeWith(runCatching { exchange(connection, request) })
        }
    }

    private fun exchange(connection: HttpURLConnection, request: HttpRequest): HttpAnswer {
        connection.requestMethod = request.method
        connection.connectTimeout = connectTimeout.inWholeMilliseconds.toInt()
        connection.readTimeout = readTimeout.inWholeMilliseconds.toInt()
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        for ((name, value) in request.headers) connection.setRequestProperty(name, value)
        if (request.body != null) {
            connection.doOutput = true
            connection.setFixedLengthStreamingMode(request.body.size)
            connection.outputStream.use { it.write(request.body) }
        }
        val status = connection.responseCode
        val stream = if (status < 400) connection.inputStream else connection.errorStream
        val body = stream?.use { it.readBytes() } ?: ByteArray(0)
        val headers = connection.headerFields.filterKeys { it != null }.mapValues { (_, lines) -> lines.joinToString(", ") }
        return HttpAnswer(status, headers, body)
    }
}

/** How this client proves who it is. Asked for each try of each request that needs it. */
fun interface Credentials {
    suspend fun headers(request: HttpRequest): Map<String, String>

    /** Sees each answer, and the request as it was sent. `true`: with new headers it may go well; ask once more. */
    suspend fun answered(request: HttpRequest, answer: HttpAnswer): Boolean = false
}

/**
 * @param token the access token; `null` if there is none. It is asked for with the one that was rejected, if one was:
 * then another is wanted, and the request is sent again with it, once.
 */
class BearerCredentials(private val token: suspend (rejected: String?) -> String?) : Credentials {
    override suspend fun headers(request: HttpRequest): Map<String, String> =
        token(null)?.let { mapOf("Authorization" to "Bearer $it") }.orEmpty()

    override suspend fun answered(request: HttpRequest, answer: HttpAnswer): Boolean {
        val rejected = request.headers["Authorization"]?.removePrefix("Bearer ")
        if (answer.status != 401 || rejected == null) return false
        val newer = token(rejected)
        return newer != null && newer != rejected
    }
}

/**
 * Which requests are sent again, and when: those that change nothing or carry an idempotency key, if nothing came back,
 * or a 429 or 503.
 *
 * @property tries how often a request is sent at most
 * @property pause before the second try, doubled from try to try; a random part of it is waited
 * @property longest the longest wait; an answer that asks for a longer one with `Retry-After` is final
 */
data class Retries(val tries: Int = 3, val pause: Duration = 200.milliseconds, val longest: Duration = 5.seconds) {
    /** `null`: not again. */
    internal fun before(next: Int, asked: Duration?, end: TimeMark): Duration? {
        if (next > tries) return null
        val most = min(pause.inWholeMilliseconds shl min(next - 2, 20), longest.inWholeMilliseconds)
        val random = Random.nextLong(most / 2, most + 1).milliseconds
        val pause = if (asked == null) random else asked + random
        return pause.takeIf { (asked == null || asked <= longest) && it < -end.elapsedNow() }
    }

    companion object {
        val None: Retries = Retries(tries = 1)
    }
}

/** A value that may be `null`, where leaving it out says something else: `null` leaves it out, `Given(null)` is `null`. */
@Serializable
@JvmInline
value class Given<out T>(val value: T)

/** A text out of a set that may grow. */
interface Wire {
    val wire: String
}

// How it is done.

/** Answers may say more than this client knows, and leave out what is `null`. */
@OptIn(ExperimentalSerializationApi::class)
internal val answers: Json = Json {
    ignoreUnknownKeys = true
    explicitNulls = false
}

internal class Call(private val method: String, private val route: String, private val secured: Boolean) {
    private val segments = mutableMapOf<String, String>()
    private val query = mutableListOf<Pair<String, String>>()
    private val headers = mutableMapOf<String, String>()
    private var body: ByteArray? = null

    val mayRepeat: Boolean get() = method == "GET" || method == "HEAD" || "Idempotency-Key" in headers
    val asksForCredentials: Boolean get() = secured

    fun path(name: String, value: Any): Call = apply { segments[name] = text(value) }

    fun query(name: String, value: Any?): Call = apply {
        when (value) {
            null -> Unit
            is Iterable<*> -> for (item in value) query += name to text(item)
            else -> query += name to text(value)
        }
    }

    fun header(name: String, value: Any?): Call = apply {
        when (value) {
            null -> Unit
            is Iterable<*> -> headers[name] = value.joinToString(", ") { text(it) }
            else -> headers[name] = text(value)
        }
    }

    inline fun <reified T : Any> json(value: T?): Call = apply { if (value != null) write(Json.encodeToString(value)) }

    fun write(json: String) {
        body = json.encodeToByteArray()
    }

    fun request(base: String, always: Map<String, String>): HttpRequest {
        val path = segments.entries.fold(route) { path, (name, value) ->
            require(value.isNotEmpty() && value != "." && value != "..") { "`$name` cannot be `$value`" }
            path.replace("{$name}", escape(value))
        }
        val query = query.joinToString("&") { (name, value) -> "${escape(name)}=${escape(value)}" }
        val headers = always + headers + mapOf("Accept" to "application/json, application/problem+json") +
            (if (body == null) emptyMap() else mapOf("Content-Type" to "application/json"))
        return HttpRequest(method, base + path + (if (query.isEmpty()) "" else "?$query"), headers, body)
    }

    private fun text(value: Any?): String = if (value is Wire) value.wire else value.toString()

    private fun escape(text: String): String = URLEncoder.encode(text, "UTF-8").replace("+", "%20")
}

internal class Exchange(
    baseUrl: String,
    private val headers: Map<String, String>,
    private val credentials: Credentials?,
    private val http: HttpSender,
    private val retries: Retries,
    private val timeout: Duration,
) {
    private val base = baseUrl.trimEnd('/')

    suspend fun <T, P : Problem> ask(
        call: Call,
        value: DeserializationStrategy<T>,
        problem: (ProblemDetails) -> P,
    ): Answer<T, P> = withTimeoutOrNull(timeout) { asked(call, value, problem) }
        ?: Answer.Failed(SocketTimeoutException("no answer within $timeout"))

    private suspend fun <T, P : Problem> asked(
        call: Call,
        value: DeserializationStrategy<T>,
        problem: (ProblemDetails) -> P,
    ): Answer<T, P> {
        val end = TimeSource.Monotonic.markNow() + timeout
        var next = 2
        while (true) {
            val answer = try {
                once(call)
            } catch (failure: Exception) {
                // This coroutine's own end is nobody's failure; that of a timeout within the sender is one.
                currentCoroutineContext().ensureActive()
                val isLost = failure is IOException || failure is TimeoutCancellationException
                val pause = if (isLost && call.mayRepeat) retries.before(next++, null, end) else null
                delay(pause ?: return Answer.Failed(failure))
                continue
            }
            val isBusy = answer.status == 429 || answer.status == 503
            val pause = if (isBusy && call.mayRepeat) retries.before(next++, retryAfter(answer), end) else null
            delay(pause ?: return read(answer, value, problem))
        }
    }

    private suspend fun once(call: Call): HttpAnswer {
        val plain = call.request(base, headers)
        val credentials = credentials?.takeIf { call.asksForCredentials } ?: return http.send(plain)
        val first = proved(plain, credentials)
        val answer = http.send(first)
        if (!credentials.answered(first, answer)) return answer
        val second = proved(plain, credentials)
        return http.send(second).also { credentials.answered(second, it) }
    }

    private suspend fun proved(plain: HttpRequest, credentials: Credentials): HttpRequest =
        HttpRequest(plain.method, plain.url, plain.headers + credentials.headers(plain), plain.body)

    private fun <T, P : Problem> read(
        answer: HttpAnswer,
        value: DeserializationStrategy<T>,
        problem: (ProblemDetails) -> P,
    ): Answer<T, P> {
        val text = answer.body.decodeToString()
        if (answer.status in 200..299) {
            return try {
                val degraded = degraded(answer.headers["frontdesk-degraded"].orEmpty())
                Answer.Success(answers.decodeFromString(value, text), degraded, answer.headers)
            } catch (malformed: IllegalArgumentException) {
                Answer.Failed(malformed)
            }
        }
        val members = try {
            answers.parseToJsonElement(text) as? JsonObject
        } catch (_: SerializationException) {
            null
        }
        return Answer.Refused(problem(details(answer, members ?: JsonObject(emptyMap()))))
    }

    private fun details(answer: HttpAnswer, members: JsonObject): ProblemDetails {
        fun text(name: String) = (members[name] as? JsonPrimitive)?.takeIf { it.isString }?.content
        val errors = (members["errors"] as? JsonArray).orEmpty().mapNotNull { error ->
            runCatching { answers.decodeFromJsonElement<InputProblem>(error) }.getOrNull()
        }
        return ProblemDetails(
            status = answer.status,
            code = text("code") ?: "unknown",
            title = text("title"),
            detail = text("detail"),
            correlationId = text("correlationId"),
            errors = errors,
            retryAfter = retryAfter(answer),
            members = members,
        )
    }

    private fun retryAfter(answer: HttpAnswer): Duration? =
        answer.headers["retry-after"]?.trim()?.toLongOrNull()?.takeIf { it >= 0 }?.seconds

    /** `similar;reason=timeout, delivery;reason=error` (RFC 9651) */
    private fun degraded(header: String): List<Degraded> = header.split(',').filter { it.isNotBlank() }.map { item ->
        val parts = item.split(';').map { it.trim() }
        val reason = parts.drop(1).firstNotNullOfOrNull { it.removePrefix("reason=").takeIf { rest -> rest != it } }
        Degraded(parts.first(), reason ?: "error")
    }
}

/** What is not written key by key: unions, tuples, objects with keys of their own. */
internal abstract class ElementSerializer<T>(name: String) : KSerializer<T> {
    override val descriptor: SerialDescriptor = buildClassSerialDescriptor(name)

    protected abstract fun read(element: JsonElement, json: Json): T

    protected abstract fun write(value: T, json: Json): JsonElement

    override fun deserialize(decoder: Decoder): T {
        val input = decoder as? JsonDecoder ?: throw SerializationException("${descriptor.serialName} is JSON")
        return read(input.decodeJsonElement(), input.json)
    }

    override fun serialize(encoder: Encoder, value: T) {
        val output = encoder as? JsonEncoder ?: throw SerializationException("${descriptor.serialName} is JSON")
        output.encodeJsonElement(write(value, output.json))
    }
}

internal abstract class WireSerializer<T : Wire>(name: String, private val of: (String) -> T) : KSerializer<T> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor(name, PrimitiveKind.STRING)

    override fun deserialize(decoder: Decoder): T = of(decoder.decodeString())

    override fun serialize(encoder: Encoder, value: T): Unit = encoder.encodeString(value.wire)
}

/** `null` if the value does not fit, for the next variant to be tried. */
internal inline fun <reified T> Json.tried(element: JsonElement): T? = try {
    decodeFromJsonElement<T>(element)
} catch (_: IllegalArgumentException) {
    null
}

internal inline fun <reified T> Json.item(element: JsonElement, at: Int): T {
    val items = element as? JsonArray ?: throw SerializationException("not an array")
    return decodeFromJsonElement<T>(items.getOrNull(at) ?: JsonNull)
}

internal inline fun <reified T> Json.member(element: JsonElement, name: String): T {
    val members = element as? JsonObject ?: throw SerializationException("not an object")
    return decodeFromJsonElement<T>(members[name] ?: JsonNull)
}

internal inline fun <reified T> Json.others(element: JsonElement, vararg known: String): Map<String, T> {
    val members = element as? JsonObject ?: throw SerializationException("not an object")
    return members.filterKeys { it !in known }.mapValues { (_, member) -> decodeFromJsonElement<T>(member) }
}

internal fun JsonElement.isText(): Boolean = this is JsonPrimitive && isString

internal fun JsonElement.isText(vararg known: String): Boolean = isText() && (this as JsonPrimitive).content in known

internal fun JsonElement.isBoolean(): Boolean = this is JsonPrimitive && !isString && booleanOrNull != null

internal fun JsonElement.isInteger(): Boolean = this is JsonPrimitive && !isString && longOrNull != null

internal fun JsonElement.isNumber(): Boolean = this is JsonPrimitive && !isString && doubleOrNull != null

internal fun JsonElement.isObject(vararg keys: String): Boolean = this is JsonObject && keys.all { it in this }

internal fun JsonElement.says(key: String, vararg known: String): Boolean =
    (this as? JsonObject)?.get(key)?.isText(*known) == true
