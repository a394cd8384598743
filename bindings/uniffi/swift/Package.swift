// swift-tools-version:5.9
import Foundation
import PackageDescription

// On Apple's platforms the XCFramework of `build-xcframework`; elsewhere, and in tests, the library that EVENTIFY_LIBRARY's directory has.
let library = ProcessInfo.processInfo.environment["EVENTIFY_LIBRARY"]
let linked: [LinkerSetting] = library.map { [.unsafeFlags(["-L", $0]), .linkedLibrary("eventify")] } ?? []
let framework: [Target] = library == nil ? [.binaryTarget(name: "EventifyLibrary", path: "EventifyLibrary.xcframework")] : []

let package = Package(
    name: "Eventify",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Eventify", targets: ["Eventify"])],
    targets: framework + [
        .target(name: "EventifyFFI", dependencies: library == nil ? ["EventifyLibrary"] : []),
        .target(name: "Eventify", dependencies: ["EventifyFFI"], linkerSettings: linked),
        .testTarget(name: "EventifyTests", dependencies: ["Eventify"]),
    ]
)
