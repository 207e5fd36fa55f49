# Made by the release program from this release's archives; changes here are lost with the next one.
class CommitStory < Formula
  desc "@DESCRIPTION@"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@URL AARCH64_APPLE_DARWIN@"
      sha256 "@SHA256 AARCH64_APPLE_DARWIN@"
    end
    on_intel do
      url "@URL X86_64_APPLE_DARWIN@"
      sha256 "@SHA256 X86_64_APPLE_DARWIN@"
    end
  end

  on_linux do
    on_arm do
      url "@URL AARCH64_UNKNOWN_LINUX_MUSL@"
      sha256 "@SHA256 AARCH64_UNKNOWN_LINUX_MUSL@"
    end
    on_intel do
      url "@URL X86_64_UNKNOWN_LINUX_MUSL@"
      sha256 "@SHA256 X86_64_UNKNOWN_LINUX_MUSL@"
    end
  end

  def install
    bin.install "commit-story"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/commit-story.bash" => "commit-story"
    zsh_completion.install "completions/_commit-story"
    fish_completion.install "completions/commit-story.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/commit-story --version")
  end
end
