/// A running engine over one file, or in memory: `try Eventify.open(path: file)`. End it with `shutDown`.
public typealias Eventify = Engine
