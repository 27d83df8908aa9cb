package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagObject;
import io.berth.oci.Tagged;
import io.berth.registry.Caller;
import io.berth.registry.TagLists;
import io.berth.registry.TagProposal;
import io.berth.registry.Tags;
import io.berth.registry.Tags.Operation;
import io.berth.registry.Tags.Outcome;
import io.berth.signing.TagSignatures;
import io.berth.signing.TrustedKeys;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Answers to calls about one tag as an object, or a batch of them. Safe for any thread. */
final class TagCalls {

  /** What an unsigned object, or the payload of a signed one, is served as. */
  static final String JSON = "json";

  /** What it takes to understand a batch, in its own size. */
  private static final int UNDERSTANDING = 10;

  private final Tags tags;
  private final TagLists lists;
  private final TagNames names;
  private final TrustedKeys keys;
  private final Bodies bodies;
  private final Allowance understanding;

  TagCalls(Tags tags, TagLists lists, TagNames names, TrustedKeys keys, Bodies bodies, Allowance understanding) {
    this.tags = tags;
    this.lists = lists;
    this.names = names;
    this.keys = keys;
    this.bodies = bodies;
    this.understanding = understanding;
  }

  /** Who says which tags it is for, and may set none of them whether they exist or not, learns so before sending anything. */
  void requireWelcome(Call call, Caller caller) {
    RepositoryName repository = Routes.repository(call);
    List<Tag> named = repository == null ? List.of() : caller.refs().tags(repository);
    if (repository == null || named.isEmpty()) {
      return;
    }
    List<Tag> allowed = named.stream().filter(caller.access(repository)::mayMakeOrMove).toList();
    if (allowed.isEmpty()) {
      throw new RegistryException(ErrorCode.DENIED, "no rule of access (access.rules) allows " + caller.identity().name()
          + " to create or move the tag '" + named.getFirst() + "' of " + repository + ", which the request says it is for");
    }
    List<String> protections = allowed.stream().flatMap(tag -> tags.protection(caller, repository, tag).stream()).toList();
    if (protections.size() == allowed.size()) {
      throw new RegistryException(ErrorCode.DENIED, protections.getFirst(), allowed.getFirst().value());
    }
  }

  Reply get(Call.GetTag call, Caller caller, Request request) {
    Tagged tagged = lists.get(caller, call.repository(), call.tag(), call.at());
    for (MediaType type : Accept.of(request).choose(List.of(MediaType.TAG, MediaType.TAG_JWS, MediaType.TAG_PRETTYJWS))) {
      byte[] body = in(type, tagged, call.repository(), request);
      if (body != null) {
        String etag = Conditions.etag(tagged.event().sequence(), form(type));
        Headers headers = BlobCalls.inert(new Headers().add("Content-Type", type.value()).add("ETag", etag).add("Vary", "Accept"));
        return Conditions.isKnown(request, etag) ? new Reply.Empty(304, headers) : new Reply.Bytes(200, headers, body);
      }
    }
    throw new RegistryException(406, ErrorCode.UNSUPPORTED, tagged.content().signed() == null
        ? "this tag is not signed: take " + MediaType.TAG
        : "this tag can't be had in that form: take " + MediaType.TAG + " or " + tagged.content().signed().form().mediaType());
  }

  private static String form(MediaType type) {
    return type.equals(MediaType.TAG) ? JSON : type.equals(MediaType.TAG_JWS) ? "jws" : "prettyjws";
  }

  private byte @Nullable [] in(MediaType type, Tagged tagged, RepositoryName repository, Request request) {
    if (type.equals(MediaType.TAG)) {
      return object(tagged, repository, request);
    }
    SignedTag signed = tagged.content().signed();
    SignedTag.Form form = type.equals(MediaType.TAG_JWS) ? SignedTag.Form.JWS : SignedTag.Form.PRETTYJWS;
    return signed == null ? null
        : signed.form() == form ? signed.bytes() : TagSignatures.parse(signed).as(form).map(SignedTag::bytes).orElse(null);
  }

  /** The object as JSON: what was signed, exactly, or what is known of the tag. */
  byte[] object(Tagged tagged, RepositoryName repository, Request request) {
    TagContent content = tagged.content();
    return content.signed() == null
        ? TagObject.of(names.of(request, repository, tagged.event().tag()), content).render()
        : TagSignatures.parse(content.signed()).payload();
  }

  Reply put(Call.PutTag call, Caller caller, Request request) {
    UploadCalls.requirePlain(request);
    TagProposal proposal;
    try (var document = bodies.read(request, Limits.TAG_OBJECT_BYTES, "a tag object")) {
      if (call.at() == null) {
        proposal = proposal(type(request), document.bytes(), call.repository(), call.tag(), request);
      } else if (document.bytes().length == 0) {
        proposal = new TagProposal.Restored(call.at());
      } else {
        throw new RegistryException(ErrorCode.MANIFEST_INVALID, "with 'at', the tag becomes what it was: send no object");
      }
    }
    Outcome outcome = tags.change(caller, call.repository(), new Operation(call.tag(), proposal, Conditions.onTag(request)));
    Headers headers = new Headers().add("Location", "/v2/" + call.repository() + "/tags/" + call.tag())
        .add("ETag", Conditions.etag(outcome.version(), form(proposal)));
    return new Reply.Empty(outcome.created() ? 201 : 200, headers);
  }

  private static String form(TagProposal proposal) {
    return proposal instanceof TagProposal.Signed signed ? signed.document().form().toString() : JSON;
  }

  private static MediaType type(Request request) {
    String text = request.header("Content-Type").orElse("application/json").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    for (MediaType type : List.of(MediaType.TAG, MediaType.TAG_JWS, MediaType.TAG_PRETTYJWS)) {
      if (type.value().equals(text)) {
        return type;
      }
    }
    if (text.equals("application/json")) {
      return MediaType.TAG;
    }
    throw new RegistryException(415, ErrorCode.UNSUPPORTED,
        "a tag is pushed as " + MediaType.TAG + ", " + MediaType.TAG_JWS + " or " + MediaType.TAG_PRETTYJWS);
  }

  private TagProposal proposal(MediaType type, byte[] bytes, RepositoryName repository, Tag tag, Request request) {
    if (type.equals(MediaType.TAG)) {
      TagObject object = TagObject.parse(bytes);
      requireName(object, repository, tag, request);
      return new TagProposal.Unsigned(object);
    }
    return signed(new SignedTag(type.equals(MediaType.TAG_JWS) ? SignedTag.Form.JWS : SignedTag.Form.PRETTYJWS, bytes), repository, tag,
        request);
  }

  private TagProposal signed(SignedTag document, RepositoryName repository, Tag tag, Request request) {
    TagSignatures signatures = TagSignatures.parse(document);
    requireName(signatures.object(), repository, tag, request);
    signatures.requireTrue(keys);
    return new TagProposal.Signed(signatures.object(), document, signatures.verify(keys));
  }

  private void requireName(TagObject object, RepositoryName repository, Tag tag, Request request) {
    if (object.name() != null && !names.isOf(request, object.name(), repository, tag)) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "/name is not that of this tag at this registry, which is "
          + names.of(request, repository, tag) + " if http.host or tags.aliases say so", object.name());
    }
  }

  Reply delete(Call.DeleteTag call, Caller caller, Request request) {
    tags.change(caller, call.repository(), new Operation(call.tag(), new TagProposal.Gone(), Conditions.onTag(request)));
    return new Reply.Empty(202, new Headers());
  }

  Reply change(Call.ChangeTags call, Caller caller, Request request) {
    UploadCalls.requirePlain(request);
    try (var document = bodies.read(request, Limits.MANIFEST_BYTES, "a batch");
        var _ = understanding.take((long) UNDERSTANDING * document.bytes().length, request.origin().network())) {
      List<TagBatch.Item> items = TagBatch.parse(document.bytes());
      request.trail().tags(items.stream().map(TagBatch.Item::tag).toList());
      Tags.Outcomes outcomes = tags.change(caller, call.repository(), operations(items, call.repository(), request));
      return TagBatch.reply(items, outcomes);
    }
  }

  private List<Operation> operations(List<TagBatch.Item> items, RepositoryName repository, Request request) {
    return TagBatch.each(items, item -> {
      TagProposal proposal = switch (item.wanted()) {
        case TagBatch.Wanted.Plain(byte[] bytes) -> proposal(MediaType.TAG, bytes, repository, item.tag(), request);
        case TagBatch.Wanted.Jws(byte[] bytes) -> signed(new SignedTag(SignedTag.Form.JWS, bytes), repository, item.tag(), request);
        case TagBatch.Wanted.Past past -> new TagProposal.Restored(past.moment());
        case TagBatch.Wanted.Nothing _ -> new TagProposal.Gone();
      };
      return new Operation(item.tag(), proposal, Conditions.onTag(item.match(), item.noneMatch()));
    });
  }
}
