package typewire;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Judges one case a line: {"op": ..., ...} in, one JSON object out.
 *
 * schema: {text} -> {text, canonical, rabin} or {error}
 * pair: {reader, writer} -> {incompatibilities: [{type, location, message}]} or {error}
 * chain: {texts} -> {closed, canonical, stored} of the last text, after the others in one parser, or
 *     {error}; stored is the text with the root types of the others left as names
 * bytes: {writer, reader?, hex} -> {hex, rest} (read with the reader, written again with it) or {error}
 */
public final class Referee {
  /** Escapes, because lone surrogates have no UTF-8. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  public static void main(String[] args) throws Exception {
    try (BufferedReader in = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8);
        PrintWriter out =
            new PrintWriter(Files.newBufferedWriter(Path.of(args[1]), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(JSON.writeValueAsString(judge(JSON.readTree(line))));
      }
    }
  }

  private static ObjectNode judge(JsonNode one) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      switch (one.get("op").textValue()) {
        case "schema" -> schema(one, answer);
        case "pair" -> pair(one, answer);
        case "chain" -> chain(one, answer);
        case "bytes" -> bytes(one, answer);
        default -> throw new IllegalArgumentException("unknown op");
      }
    } catch (Exception | StackOverflowError error) {
      answer.removeAll();
      answer.put("error", String.valueOf(error.getMessage()));
    }
    return answer;
  }

  private static void schema(JsonNode one, ObjectNode answer) {
    Schema schema = parse(one, "text");
    answer.put("text", schema.toString());
    answer.put("canonical", SchemaNormalization.toParsingForm(schema));
    answer.put("rabin", Long.toHexString(SchemaNormalization.parsingFingerprint64(schema)));
  }

  /** As Confluent's AvroSchema parses a schema that is not new, and prints it. */
  private static void chain(JsonNode one, ObjectNode answer) {
    Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
    parser.setValidateDefaults(false);
    List<Schema> schemas = new ArrayList<>();
    for (JsonNode text : one.get("texts")) schemas.add(parser.parse(text.textValue()));
    Schema last = schemas.remove(schemas.size() - 1);
    answer.put("closed", last.toString());
    answer.put("canonical", SchemaNormalization.toParsingForm(last));
    answer.put("stored", last.toString(schemas, false));
  }

  private static void pair(JsonNode one, ObjectNode answer) {
    ArrayNode list = answer.putArray("incompatibilities");
    SchemaCompatibility.checkReaderWriterCompatibility(parse(one, "reader"), parse(one, "writer"))
        .getResult()
        .getIncompatibilities()
        .forEach(
            entry ->
                list.addObject()
                    .put("type", entry.getType().name())
                    .put("location", entry.getLocation())
                    .put("message", entry.getMessage()));
  }

  private static void bytes(JsonNode one, ObjectNode answer) throws Exception {
    Schema writer = parse(one, "writer");
    Schema reader = one.has("reader") ? parse(one, "reader") : writer;
    byte[] data = HexFormat.of().parseHex(one.get("hex").textValue());
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(data, null);
    Object value = new GenericDatumReader<>(writer, reader).read(null, decoder);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<>(reader).write(value, encoder);
    encoder.flush();
    answer.put("hex", HexFormat.of().formatHex(out.toByteArray()));
    answer.put("rest", decoder.inputStream().readAllBytes().length);
  }

  private static Schema parse(JsonNode one, String member) {
    return new Schema.Parser(NameValidator.STRICT_VALIDATOR).parse(one.get(member).textValue());
  }
}
