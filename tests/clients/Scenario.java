// The JDK's own HttpClient, as it comes: bodies of PUT and POST arrive whole, also where it offers HTTP/2 first.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Map;

public class Scenario {
    static final Map<String, String> PLAY = System.getenv();
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static HttpRequest.Builder day() {
        return HttpRequest.newBuilder(URI.create(PLAY.get("PLAY_BASE") + "/v1/me/check-ins/" + PLAY.get("PLAY_DAY")))
                .header("Authorization", "Bearer " + PLAY.get("PLAY_TOKEN"));
    }

    static void expect(int status, String part, HttpResponse<String> answered) {
        if (answered.statusCode() != status || !answered.body().contains(part)) {
            throw new AssertionError("not " + status + " with " + part.length() + " characters we sent: "
                    + answered.statusCode() + " " + answered.body());
        }
    }

    public static void main(String[] arguments) throws Exception {
        String note = "çà et là, ".repeat(99) + "fin";
        String said = "{\"mood\": 6, \"hope\": 5, \"note\": \"%s\", \"answered_at\": \"%s\", \"time_zone\": \"%s\"}"
                .formatted(note, Instant.now(), PLAY.get("PLAY_ZONE"));
        HttpRequest put = day().header("Content-Type", "application/json").PUT(BodyPublishers.ofString(said)).build();
        for (int time = 0; time < 20; time++) {
            expect(200, note, CLIENT.send(put, BodyHandlers.ofString()));
        }
        expect(200, note, CLIENT.send(day().build(), BodyHandlers.ofString()));
        // Signed over every field, so that it is only taken when all of it arrived.
        HttpRequest text = HttpRequest.newBuilder(URI.create(PLAY.get("PLAY_BASE") + "/webhooks/twilio/sms"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Twilio-Signature", PLAY.get("PLAY_SIGNATURE"))
                .POST(BodyPublishers.ofString(PLAY.get("PLAY_FORM")))
                .build();
        expect(204, "", CLIENT.send(text, BodyHandlers.ofString()));
    }
}
