# Compares pairs of versions with RubyGems (Debian package ruby); see ask-program.ts.
$stdin.each_line(chomp: true) do |line|
  a, b = line.split("\t", -1)
  if Gem::Version.correct?(a) && Gem::Version.correct?(b)
    puts Gem::Version.new(a) <=> Gem::Version.new(b)
  else
    puts "x"
  end
end
