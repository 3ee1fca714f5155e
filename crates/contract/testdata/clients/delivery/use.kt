// A program that uses the Kotlin client: what it is told by hand, then a BFF at the address of the first argument.

package frontdesk.delivery

import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonPrimitive

/** Answers from a list; what was asked is kept. */
private class Told(private vararg val answers: () -> HttpAnswer) : HttpSender {
    val asked = mutableListOf<HttpRequest>()

    override suspend fun send(request: HttpRequest): HttpAnswer {
        asked += request
        return answers[asked.size - 1]()
    }
}

private fun json(status: Int, body: String, vararg headers: Pair<String, String>): () -> HttpAnswer =
    { HttpAnswer(status, mapOf(*headers), body.encodeToByteArray()) }

private val lost: () -> HttpAnswer = { throw IOException("lost") }

private fun client(http: HttpSender, credentials: Credentials? = null): DeliveryClient =
    DeliveryClient("https://bff.example.com/base/", "2.0.0", credentials, http, Retries(pause = 1.milliseconds))

private fun same(is_: Any?, wanted: Any?): Unit = check(is_ == wanted) { "\n   is: $is_\nwants: $wanted" }

private const val EVERYTHING = """{
    "whole": 9007199254740993, "decimal": 1, "flag": true, "text": "2026-05-01T00:00:00Z", "numbered": 3, "halves": 1.0,
    "yes": true, "maybe": "c", "nullable": null, "both": null, "all": "x", "counts": {"a": 1, "b": null},
    "maps": {"x": {"y": {"type": "parcel", "weight": 1.5, "new": 1}}},
    "open": {"id": "1", "other": 2.5}, "empty": {"later": {}}, "forest": [[], 1],
    "step": {"type": "both", "then": [{"type": "letter"}, {"type": "drone", "height": 3}]},
    "depot": {"name": "a", "near": {"main": {"name": "b"}}}, "point": null, "points": [[1, null, "red"], null],
    "nothing": [], "twins": "a@b.c", "one": null, "any": {"tight": "t", "more": 1}, "unheard": [1, {"of": null}]
}"""

private fun values() {
    val all = answers.decodeFromString<Everything>(EVERYTHING)
    same(all.whole, 9007199254740993)
    same(all.maybe, EverythingMaybe.Unknown("c"))
    same(all.missing to all.both, null to null)
    same(all.counts, mapOf("a" to 1L, "b" to null))
    same(all.maps["x"]?.get("y"), Parcel(weight = 1.5))
    same(all.open, EverythingOpen("1", more = mapOf("other" to 2.5)))
    same(all.depot, Depot(name = "a", near = Region(Depot(name = "b"))))
    same(all.points, listOf(Point(1.0, null, Colour.Red), null))
    same(all.any, EverythingAny2("t"))
    val both = all.step as StepBoth
    val then = (both.then as Step.Items).value
    same(then.first(), Letter())
    same(then.last() is Step.Other, true)
    // Nothing is lost on the way back.
    same(answers.decodeFromString<Everything>(Json.encodeToString(all)), all)
    for ((text, wanted) in listOf(
        "1" to EverythingAny.Whole(1),
        "1.5" to EverythingAny.Decimal(1.5),
        "true" to EverythingAny.Flag(true),
        "\"1\"" to EverythingAny.Text("1"),
        "\"self\"" to Colour.Self,
        "[\"a\"]" to EverythingAny.Items(listOf("a")),
        "[1, 2, \"red\"]" to Point(1.0, 2.0, Colour.Red),
        "{\"loose\": \"x\"}" to EverythingAny1("x"),
    )) {
        same(answers.decodeFromString<EverythingAny>(text), wanted)
    }
}

private fun bodies() {
    val least = Patch(required = "r", cleared = null)
    same(Json.encodeToString(least), """{"kind":"patch","required":"r","cleared":null}""")
    val most = least.copy(
        left = "l",
        either = Given(null),
        colour = Given(Colour.Default),
        limits = listOf(1.0, null),
        open = PatchOpen(aB = null, c = Given("c"), more = mapOf("d" to "e")),
        step = Step.Items(listOf(Parcel(weight = 2.0), Step.Other(JsonPrimitive(7)))),
        point = Point(1.0, null, Colour.Unknown("mauve")),
    )
    same(
        Json.encodeToString(most),
        """{"kind":"patch","required":"r","cleared":null,"left":"l","either":null,"colour":"Default",""" +
            """"limits":[1.0,null],"open":{"a-b":null,"c":"c","d":"e"},""" +
            """"step":[{"type":"parcel","weight":2.0},7],"point":[1.0,null,"mauve"]}""",
    )
}

private suspend fun requests() {
    val http = Told(json(200, EVERYTHING, "Frontdesk-Degraded" to "weather;reason=timeout, *x;a=1;reason=open"))
    val answer = client(http).track(
        id = 1,
        legNo = 1.5,
        `in` = Colour.Default,
        colours = listOf(Colour.Red, Colour.Unknown("a&b +ü")),
        call = true,
        exchange = null,
    )
    val asked = http.asked.single()
    same(
        asked.url,
        "https://bff.example.com/base/deliveries/1/legs/1.5?in=Default&colours=red&colours=a%26b%20%2B%C3%BC",
    )
    same(asked.headers["X-Client-Version"] to asked.headers["x-call"], "2.0.0" to "true")
    check(asked.body == null && "Content-Type" !in asked.headers)
    answer as Answer.Success
    same(answer.degraded, listOf(Degraded("weather", "timeout"), Degraded("*x", "open")))
    // A segment that would lead elsewhere is not sent.
    val nowhere = Told()
    check(client(nowhere).change(id = "..", idempotencyKey = "k", body = Patch(required = "", cleared = null)) is Answer.Failed)
    check(nowhere.asked.isEmpty())
}

private suspend fun problems() {
    val errors = """[{"pointer":"/id","code":"too_small","detail":"at least 1"}]"""
    val known = client(Told(json(404, """{"code":"gone_away","title":"Gone","correlationId":"c","errors":$errors}""")))
    val gone = (known.track(1, 1.0, Colour.Red) as Answer.Refused).problem
    when (gone) {
        is TrackProblem.GoneAway -> same(gone.details.errors, listOf(InputProblem("/id", "too_small", "at least 1")))
        is TrackProblem.InvalidInput, is TrackProblem.LoginRequired, is TrackProblem.ServiceUnavailable,
        is TrackProblem.DeadlineExceeded, is TrackProblem.Unknown -> error("$gone")
    }
    same(gone.details.title to gone.details.correlationId, "Gone" to "c")
    val newer = client(Told(json(400, """{"code":"later"}"""))).where() as Answer.Refused
    check(newer.problem is WhereProblem.Unknown && newer.problem.code == "later" && newer.problem.status == 400)
    val stranger = client(Told(json(502, "<html>"))).where() as Answer.Refused
    check(stranger.problem is WhereProblem.Unknown && stranger.problem.code == "unknown" && stranger.problem.status == 502)
    check(client(Told(json(200, "<html>"))).where() is Answer.Failed)
    same(runCatching { newer.valueOrThrow() }.exceptionOrNull() is ProblemException, true)
    same(client(Told(json(200, "null"))).where(), Answer.Success<Point?>(null))
    same((client(Told(json(200, "null"))).`class`() as Answer.Success).value, JsonNull)
}

private suspend fun retries() {
    val patch = Patch(required = "", cleared = null)
    val patched = json(200, Json.encodeToString(patch))
    val twice = Told(lost, json(503, "{}", "Retry-After" to "0"), json(200, "[1,null,\"red\"]"))
    same(client(twice).where().valueOrNull(), Point(1.0, null, Colour.Red))
    val long = Told(json(429, "{}", "Retry-After" to "60"))
    same(((client(long).where() as Answer.Refused).problem.details.retryAfter), 60.seconds)
    val enough = Told(lost, lost, lost, lost)
    check(client(enough).where() is Answer.Failed && enough.asked.size == 3)
    // The contract asks for the key here; with it, the same body goes out again.
    val keyed = Told(lost, patched)
    same(client(keyed).change("1", "key", patch).valueOrNull(), patch)
    same(keyed.asked.map { it.headers["Idempotency-Key"] to it.body?.decodeToString() }.distinct().size, 1)
    val other = Told(json(504, "{}"))
    check(client(other).where() is Answer.Refused && other.asked.size == 1)
}

private suspend fun credentials() {
    val renewed = Told(json(401, "{}"), json(200, "null"))
    val bearer = DeliveryClient.bearer { rejected -> if (rejected == null && renewed.asked.isEmpty()) "old" else "new" }
    check(client(renewed, bearer).where() is Answer.Success)
    same(renewed.asked.map { it.headers["Authorization"] }, listOf("Bearer old", "Bearer new"))
    val refused = Told(json(401, "{}"))
    check(client(refused, DeliveryClient.bearer { "same" }).where() is Answer.Refused)

    var token = "fdm_1"
    val http = Told(
        json(401, """{"code":"use_dpop_nonce"}""", "DPoP-Nonce" to "n1"),
        json(200, "null", "Frontdesk-Device-Token" to "fdm_2"),
    )
    val device = DeviceCredentials({ token }, { token = it }, { method, address, of, nonce -> "$method $address $of $nonce" })
    check(client(http, device).where() is Answer.Success)
    same(
        http.asked.map { it.headers["DPoP"] },
        listOf(null, "n1").map { "GET https://bff.example.com/base/where fdm_1 $it" },
    )
    same(token, "fdm_2")
}

/** The sender that needs nothing, against a server. */
private suspend fun network(address: String) {
    val client = DeliveryClient(address, "2.0.0", retries = Retries(pause = 1.milliseconds))
    val answer = client.where()
    same(answer.valueOrNull(), Point(1.0, null, Colour.Red))
    same((answer as Answer.Success).degraded, listOf(Degraded("weather", "timeout")))
    check(client.`class`() is Answer.Refused)
    val started = System.nanoTime()
    same(withTimeoutOrNull(200.milliseconds) { client.names() }, null)
    check(System.nanoTime() - started < 5_000_000_000) { "cancelling took its time" }
    val slow = DeliveryClient(address, "2.0.0", timeout = 200.milliseconds).names() as Answer.Failed
    check(slow.cause is IOException)
    check(DeliveryClient("http://127.0.0.1:1", "2.0.0").where() is Answer.Failed)
    check(DeliveryClient("nowhere", "2.0.0").where() is Answer.Failed)
}

fun main(arguments: Array<String>): Unit = runBlocking {
    values()
    bodies()
    requests()
    problems()
    retries()
    credentials()
    network(arguments.first())
    println("all is well")
    // Threads that wait for the slow answer end with the process.
    System.out.flush()
    Runtime.getRuntime().halt(0)
}
