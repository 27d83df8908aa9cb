package io.berth.policy;

/** Who is asking, as far as rules care. */
public sealed interface Identity {

  /** The name for audit and for what is bound to a principal; never empty. */
  String name();

  /** Nobody in particular. */
  record Anonymous() implements Identity {

    @Override
    public String name() {
      return "anonymous";
    }
  }

  /** The registry itself, where no one has asked: a tag whose time is over. */
  record Registry() implements Identity {

    @Override
    public String name() {
      return "registry";
    }
  }

  /** Somebody whose credentials have been verified. Prefixed in {@link #name()}, so that no user can be called like another kind. */
  record User(String login) implements Identity {

    @Override
    public String name() {
      return "user:" + login;
    }
  }
}
